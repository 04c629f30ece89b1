namespace Tributary.Hosting;

/// <summary>Whether the server has started.</summary>
internal sealed class StartPhase
{
    private volatile bool _isOver;

    /// <summary>It listens.</summary>
    public bool IsOver
    {
        get => _isOver;
        set => _isOver = value;
    }
}
