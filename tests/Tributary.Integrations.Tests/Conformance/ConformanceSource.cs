using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Integrations.Tests.Conformance;

/// <summary>A live source with a handful of items, which a conformance test can change and disturb.</summary>
public abstract class ConformanceSource : IAsyncDisposable
{
    /// <summary>Config that reads all of it.</summary>
    public abstract object Config { get; }

    /// <summary>Credentials that it accepts; null takes none.</summary>
    public virtual object? Credentials => null;

    /// <summary>Faults to inject; null when nothing is fetched over HTTP.</summary>
    public virtual FaultInjector? Faults => null;

    /// <summary>Settings that a check has to refuse, and how.</summary>
    public abstract IEnumerable<BadSettings> BadSettings { get; }

    /// <summary>Keeps no record of what is asked from now on, so that nothing but the reader's memory can grow.</summary>
    public virtual void StopRecording() { }

    /// <summary>Makes the source hold this many items, named "item 0" and so on, where it held none.</summary>
    public abstract Task FillAsync(int count, int textLength = 40);

    /// <summary>Adds an item.</summary>
    public abstract Task AddAsync(string name);

    /// <summary>Gives an item another text.</summary>
    public abstract Task ChangeAsync(string name);

    /// <summary>Removes an item.</summary>
    public abstract Task RemoveAsync(string name);

    /// <summary>Makes an item that is listed but cannot be read.</summary>
    public abstract Task AddBrokenAsync(string name);

    /// <summary>Fills it with items that all have the same times; false where its items have none.</summary>
    public virtual Task<bool> FillAtOneInstantAsync(int count) => Task.FromResult(false);

    /// <summary>Makes the token that it gave out worthless, as vendors' clocks do; false where its credentials do not expire.</summary>
    public virtual bool ExpireToken() => false;

    /// <summary>Gives a harness what readers of this source need beside HTTP.</summary>
    public virtual void Equip(ReaderHarness harness) { }

    public abstract ValueTask DisposeAsync();
}

/// <summary>Settings that a check has to refuse.</summary>
/// <param name="What">For the test's message.</param>
/// <param name="Config">The config.</param>
/// <param name="Credentials">The credentials; null takes none.</param>
/// <param name="Kind">How it refuses.</param>
public sealed record BadSettings(string What, object Config, object? Credentials, FailureKind Kind);
