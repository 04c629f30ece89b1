using Tributary.Sdk.Settings;

namespace Tributary.Engine;

/// <summary>Why the engine refuses what it was asked to do.</summary>
public enum RefusalKind
{
    /// <summary>The request is of the wrong shape; <see cref="EngineException.Problems"/> lists every mistake.</summary>
    Invalid,

    /// <summary>The shape is right, but a rule forbids it: a name taken, credentials that the source refuses.</summary>
    Rejected,

    /// <summary>The caller's role does not allow it.</summary>
    Forbidden,

    /// <summary>There is no such thing in the caller's workspace.</summary>
    NotFound,

    /// <summary>Not now: something is already going on.</summary>
    Conflict,

    /// <summary>The workspace has used up its allowance of shared credentials.</summary>
    OutOfCredits,
}

/// <summary>The engine refuses what it was asked to do, for a reason the caller can act on. Nothing was stored.</summary>
public sealed class EngineException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="kind">Why.</param>
    /// <param name="message">What is wrong and what to do, in words.</param>
    /// <param name="reason">See <see cref="Reason"/>.</param>
    public EngineException(RefusalKind kind, string message, string? reason = null)
        : base(message)
    {
        Kind = kind;
        Reason = reason;
    }

    /// <summary>Makes one that lists mistakes.</summary>
    public EngineException(IReadOnlyList<SettingsProblem> problems)
        : base(string.Join("; ", problems.Select(problem => $"{string.Join('.', problem.Path)}: {problem.Message}")))
    {
        Kind = RefusalKind.Invalid;
        Problems = problems;
    }

    /// <summary>Why.</summary>
    public RefusalKind Kind { get; }

    /// <summary>A name of the refusal that programs can tell from others, e.g. <c>duplicateSlug</c>; null when the kind says enough.</summary>
    public string? Reason { get; }

    /// <summary>Every mistake when <see cref="Kind"/> is <see cref="RefusalKind.Invalid"/>; paths start at the connector draft (<c>config</c>, <c>credentials</c>, <c>name</c>, …).</summary>
    public IReadOnlyList<SettingsProblem> Problems { get; } = [];

    /// <summary>There is no such thing.</summary>
    public static EngineException NotFound(string message, string? reason = null) =>
        new(RefusalKind.NotFound, message, reason);
}
