using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Tributary.Metrics;

namespace Tributary.Hosting;

/// <summary>
/// Sends traces and metrics over OTLP while the server runs. Endpoint, headers, protocol and intervals come from the
/// standard <c>OTEL_…</c> variables, which the exporter reads itself.
/// </summary>
internal sealed class OpenTelemetryExport : IHostedService, IDisposable
{
    /// <summary>The variable that switches it on.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceBuilder
            .CreateDefault()
            .AddService(
                "tributary",
                serviceVersion: typeof(OpenTelemetryExport).Assembly.GetName().Version?.ToString(3)
            )
            .AddEnvironmentVariableDetector();
        _traces = OpenTelemetry
            .Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource("Tributary*", "Microsoft.AspNetCore", "System.Net.Http")
            .AddOtlpExporter()
            .Build();
        _metrics = OpenTelemetry
            .Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(["Tributary*", .. MetricsCollector.ForeignMeters])
            .AddOtlpExporter()
            .Build();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken)
    {
        // What is left is sent within a moment; an endpoint that does not answer holds no shutdown up.
        _traces?.ForceFlush(2000);
        _metrics?.ForceFlush(2000);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }
}
