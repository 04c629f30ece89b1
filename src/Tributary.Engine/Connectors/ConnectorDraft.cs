using System.Text.Json;
using Tributary.Sdk;

namespace Tributary.Engine.Connectors;

/// <summary>What a new connector is made of, not validated yet.</summary>
public sealed record ConnectorDraft
{
    /// <summary>What people call it; 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Another connector of the integration may have the name too (the Cargo dialect's way).</summary>
    public bool AllowsSameName { get; init; }

    /// <summary>Its slug; null derives one from the name.</summary>
    public string? Slug { get; init; }

    /// <summary>An integration's slug or alias.</summary>
    public required string IntegrationSlug { get; init; }

    /// <summary>The config object. Of a custom integration all there is, secrets included.</summary>
    public required JsonElement Config { get; init; }

    /// <summary>The credentials object.</summary>
    public required JsonElement Credentials { get; init; }

    /// <summary>See <see cref="Connector.RefreshFreq"/>. Values below 60 count as 60 when scheduling.</summary>
    public long? RefreshFreq { get; init; }

    /// <summary>See <see cref="Connector.PruneFreq"/>. Values from 1 to 299 count as 300 when scheduling.</summary>
    public long? PruneFreq { get; init; }

    /// <summary>See <see cref="Connector.RateLimit"/>.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>See <see cref="Connector.CacheTtlMilliseconds"/>.</summary>
    public long? CacheTtlMilliseconds { get; init; }

    /// <summary>
    /// No settings were sent: the operator's shared credentials are taken where they are offered, and
    /// <see cref="Config"/> and <see cref="Credentials"/> otherwise.
    /// </summary>
    public bool PrefersSharedCredentials { get; init; }

    /// <summary>Whether the first run is queued at once (the Clarm dialect's way).</summary>
    public bool StartNow { get; init; } = true;
}

/// <summary>What to change of a connector; members that are not set stay as they are.</summary>
public sealed record ConnectorChange
{
    /// <summary>A new name.</summary>
    public string? Name { get; init; }

    /// <summary>A new config object; checked against the source before it is stored.</summary>
    public JsonElement? Config { get; init; }

    /// <summary>A new credentials object; masked values mean "unchanged". Checked against the source before it is stored.</summary>
    public JsonElement? Credentials { get; init; }

    /// <summary>See <see cref="ConnectorDraft.AllowsSameName"/>.</summary>
    public bool AllowsSameName { get; init; }

    /// <summary>Take the operator's shared credentials in place of own settings.</summary>
    public bool ToSharedCredentials { get; init; }

    /// <summary>See <see cref="Connector.IsDefault"/>; true takes it from the others.</summary>
    public bool? IsDefault { get; init; }

    /// <summary>Set (also to null) to change <see cref="Connector.RateLimit"/>.</summary>
    public Change<RateLimit?>? RateLimit { get; init; }

    /// <summary>Set (also to null) to change <see cref="Connector.CacheTtlMilliseconds"/>.</summary>
    public Change<long?>? CacheTtlMilliseconds { get; init; }

    /// <summary>Set (also to null) to change <see cref="Connector.RefreshFreq"/>; at least 60.</summary>
    public Change<long?>? RefreshFreq { get; init; }

    /// <summary>Set (also to null) to change <see cref="Connector.PruneFreq"/>; 0, or at least 300.</summary>
    public Change<long?>? PruneFreq { get; init; }
}

/// <summary>A new value, to tell "set to null" from "not mentioned".</summary>
public sealed record Change<T>(T Value);
