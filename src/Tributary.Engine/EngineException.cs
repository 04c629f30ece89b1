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
}

/// <summary>The engine refuses what it was asked to do, for a reason the caller can act on. Nothing was stored.</summary>
public sealed class EngineException : Exception
{
    /// <summary>Makes one.</summary>
    public EngineException(RefusalKind kind, string message)
        : base(message) => Kind = kind;

    /// <summary>Makes one that lists mistakes.</summary>
    public EngineException(IReadOnlyList<SettingsProblem> problems)
        : base(string.Join("; ", problems.Select(problem => $"{string.Join('.', problem.Path)}: {problem.Message}")))
    {
        Kind = RefusalKind.Invalid;
        Problems = problems;
    }

    /// <summary>Why.</summary>
    public RefusalKind Kind { get; }

    /// <summary>Every mistake when <see cref="Kind"/> is <see cref="RefusalKind.Invalid"/>; paths start at the connector draft (<c>config</c>, <c>credentials</c>, <c>name</c>, …).</summary>
    public IReadOnlyList<SettingsProblem> Problems { get; } = [];

    /// <summary>There is no such thing.</summary>
    public static EngineException NotFound(string message) => new(RefusalKind.NotFound, message);
}
