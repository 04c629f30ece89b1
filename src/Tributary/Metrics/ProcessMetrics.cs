using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Tributary.Metrics;

/// <summary>The process under the names that every Prometheus dashboard knows; the runtime's own meter tells the rest.</summary>
internal sealed class ProcessMetrics : IDisposable
{
    private readonly Meter _meter = new("Tributary.Process");

    /// <summary>Makes the instruments.</summary>
    public ProcessMetrics()
    {
        using var process = Process.GetCurrentProcess();
        var startTime = new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
        _meter.CreateObservableCounter(
            "process.cpu",
            () => Environment.CpuUsage.TotalTime.TotalSeconds,
            "s",
            "Processor time in user and system mode."
        );
        _meter.CreateObservableGauge(
            "process.resident_memory",
            () => Environment.WorkingSet,
            "By",
            "Memory that is in RAM."
        );
        _meter.CreateObservableGauge("process.start_time", () => startTime, "s", "When it began, since 1970.");
    }

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();
}
