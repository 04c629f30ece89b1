using Tributary.Sdk.Settings;

namespace Tributary.Api.Http;

/// <summary>The request cannot be answered, for a reason that its sender can act on. Each dialect writes it in its own shape.</summary>
internal sealed class RequestException : Exception
{
    /// <summary>A rule is broken.</summary>
    public RequestException(int status, string message)
        : base(message) => Status = status;

    /// <summary>The shape is wrong (422); paths start with <c>body</c>, <c>query</c> or <c>path</c>.</summary>
    public RequestException(IReadOnlyList<SettingsProblem> problems)
        : base("The request is of the wrong shape.")
    {
        Status = 422;
        Problems = problems;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>Every mistake when <see cref="Status"/> is 422.</summary>
    public IReadOnlyList<SettingsProblem> Problems { get; } = [];

    /// <summary>One mistake of shape.</summary>
    public static RequestException Of(IReadOnlyList<object> path, string code, string message) =>
        new([new SettingsProblem(path, code, message)]);
}
