using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Api.Http;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Cargo;

/// <summary>
/// The dialect's error bodies: <c>{"reason": …, "errorMessage": …}</c>, always both, and for requests of the wrong shape
/// (400) every mistake with its JSON path in <c>errors</c> beside them.
/// </summary>
internal sealed class CargoErrors : IErrorWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc />
    public Task WriteAsync(HttpContext http, int status, string message, string? reason = null) =>
        SendAsync(http, status, reason ?? NameOf(status), message, []);

    /// <inheritdoc />
    public Task WriteAsync(HttpContext http, IReadOnlyList<SettingsProblem> problems)
    {
        var isConfig = problems.All(problem => problem.Path is ["body", "config", ..]);
        var message = string.Join("; ", problems.Select(problem => $"{PathOf(problem)}: {problem.Message}"));
        return SendAsync(http, 400, isConfig ? "invalidConfig" : "invalidPayload", message, problems);
    }

    /// <inheritdoc />
    public IReadOnlyList<object> Locate(IReadOnlyList<object> enginePath) =>
        enginePath is ["credentials", ..] ? ["body", "config", .. enginePath] : ["body", .. enginePath];

    /// <summary>A mistake's place as a JSON path without the root, e.g. <c>config.auth.token</c> or <c>records[3].data</c>.</summary>
    private static string PathOf(SettingsProblem problem)
    {
        var path = new StringBuilder();
        foreach (var step in problem.Path.Count > 1 ? problem.Path.Skip(1) : problem.Path)
        {
            if (step is string name)
            {
                path.Append(path.Length > 0 ? "." : "").Append(name);
            }
            else
            {
                path.Append(CultureInfo.InvariantCulture, $"[{step}]");
            }
        }

        return path.ToString();
    }

    private static string NameOf(int status) =>
        status switch
        {
            401 => "unauthorized",
            403 => "forbidden",
            404 => "notFound",
            405 => "methodNotAllowed",
            409 => "conflict",
            413 => "payloadTooLarge",
            429 => "tooManyRequests",
            >= 500 => "serverError",
            _ => "invalidPayload",
        };

    private static async Task SendAsync(
        HttpContext http,
        int status,
        string reason,
        string message,
        IReadOnlyList<SettingsProblem> problems
    )
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, Options);
        json.WriteStartObject();
        json.WriteString("reason", reason);
        json.WriteString("errorMessage", message);
        if (problems.Count > 0)
        {
            json.WriteStartArray("errors");
            foreach (var problem in problems)
            {
                json.WriteStartObject();
                json.WriteString("path", PathOf(problem));
                json.WriteString("message", problem.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
