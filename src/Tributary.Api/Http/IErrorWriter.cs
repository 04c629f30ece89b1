using Microsoft.AspNetCore.Http;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Http;

/// <summary>How a dialect tells of mistakes.</summary>
internal interface IErrorWriter
{
    /// <summary>A mistake in one sentence.</summary>
    /// <param name="http">The request; nothing of its answer was sent yet.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="reason">Its name for programs; null for none.</param>
    Task WriteAsync(HttpContext http, int status, string message, string? reason = null);

    /// <summary>A request of the wrong shape (422 or 400, as the dialect has it).</summary>
    /// <param name="http">The request; nothing of its answer was sent yet.</param>
    /// <param name="problems">Every mistake; paths start with <c>body</c>, <c>query</c> or <c>path</c>.</param>
    Task WriteAsync(HttpContext http, IReadOnlyList<SettingsProblem> problems);

    /// <summary>Where the request has what the engine calls so: a path that starts at <c>config</c>, <c>credentials</c>, <c>name</c>, ….</summary>
    IReadOnlyList<object> Locate(IReadOnlyList<object> enginePath);
}
