using System.Net;

namespace Tributary.Sdk;

/// <summary>
/// The source cannot be read, for a reason that a person can understand. Thrown by readers; ends a check or a run.
/// </summary>
/// <remarks>The message says what is wrong and what to do about it, and holds no secret.</remarks>
public sealed class SourceException : Exception
{
    /// <summary>Makes one.</summary>
    public SourceException(FailureKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>Who can mend it.</summary>
    public FailureKind Kind { get; }

    /// <summary>The HTTP status that said so; null when none did.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>The config or credential member at fault as a JSON path, e.g. <c>config.base_url</c>; null when none is.</summary>
    public string? Member { get; init; }
}

/// <summary>Why a run failed: in other words, who can mend it.</summary>
public enum FailureKind
{
    /// <summary>Time will: network, overload, a limit. Retried.</summary>
    Transient,

    /// <summary>The owner of the credentials: wrong, expired, or without a needed right.</summary>
    Credentials,

    /// <summary>The owner of the connector: a name that does not exist, an address that cannot be.</summary>
    Configuration,

    /// <summary>The source: it answers what its API does not allow, or too many of its documents fail.</summary>
    Source,

    /// <summary>Us.</summary>
    Bug,
}
