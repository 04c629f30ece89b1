using System.Runtime.InteropServices;

namespace Tributary.Cli;

/// <summary>The first SIGINT (Ctrl+C) or SIGTERM asks for the end; the second one ends the process at once.</summary>
internal sealed class ProgramSignals : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Starts to listen.</summary>
    public ProgramSignals() =>
        _registrations = [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken EndIsWanted => _end.Token;

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _end.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (!_end.IsCancellationRequested)
        {
            context.Cancel = true;
            // Not on the signal's own thread: what is cancelled may take its time.
            _ = _end.CancelAsync();
        }
    }
}
