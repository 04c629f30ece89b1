using Tributary.Sdk.Settings;

namespace Tributary.Api.Http;

/// <summary>The request cannot be answered, for a reason that its sender can act on. Each dialect writes it in its own shape.</summary>
internal sealed class RequestException : Exception
{
    /// <summary>A rule is broken.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="reason">See <see cref="Reason"/>.</param>
    public RequestException(int status, string message, string? reason = null)
        : base(message)
    {
        Status = status;
        Reason = reason;
    }

    /// <summary>The shape is wrong (422); paths start with <c>body</c>, <c>query</c> or <c>path</c>.</summary>
    public RequestException(IReadOnlyList<SettingsProblem> problems)
        : base("The request is of the wrong shape.")
    {
        Status = 422;
        Problems = problems;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>A name of the refusal for programs, e.g. <c>connectorNotFound</c>; null when the status says enough.</summary>
    public string? Reason { get; }

    /// <summary>Every mistake when <see cref="Status"/> is 422.</summary>
    public IReadOnlyList<SettingsProblem> Problems { get; } = [];

    /// <summary>One mistake of shape.</summary>
    public static RequestException Of(IReadOnlyList<object> path, string code, string message) =>
        new([new SettingsProblem(path, code, message)]);
}
