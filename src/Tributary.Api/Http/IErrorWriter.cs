using Microsoft.AspNetCore.Http;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Http;

/// <summary>How a dialect tells of mistakes.</summary>
internal interface IErrorWriter
{
    /// <summary>A mistake in one sentence.</summary>
    Task WriteAsync(HttpContext http, int status, string message);

    /// <summary>A request of the wrong shape (422).</summary>
    /// <param name="http">The request; nothing of its answer was sent yet.</param>
    /// <param name="problems">Every mistake; paths start with <c>body</c>, <c>query</c> or <c>path</c>.</param>
    Task WriteAsync(HttpContext http, IReadOnlyList<SettingsProblem> problems);

    /// <summary>Where the request has what the engine calls so: a path that starts at <c>config</c>, <c>credentials</c>, <c>name</c>, ….</summary>
    IReadOnlyList<object> Locate(IReadOnlyList<object> enginePath);
}
