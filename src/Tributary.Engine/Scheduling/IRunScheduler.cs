namespace Tributary.Engine.Scheduling;

/// <summary>Makes connectors' jobs fire: at once, and when their schedules say so.</summary>
public interface IRunScheduler
{
    /// <summary>Something has changed about the connector: looks what it is to do, now and next.</summary>
    Task WakeAsync(long connectorId, CancellationToken cancellationToken);
}
