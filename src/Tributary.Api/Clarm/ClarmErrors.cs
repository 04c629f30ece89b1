using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Api.Http;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Clarm;

/// <summary>FastAPI's error bodies: <c>{"detail": "text"}</c>, and for requests of the wrong shape a list of mistakes.</summary>
internal sealed class ClarmErrors : IErrorWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc />
    public Task WriteAsync(HttpContext http, int status, string message, string? reason = null) =>
        SendAsync(http, status, json => json.WriteString("detail", message));

    /// <inheritdoc />
    public Task WriteAsync(HttpContext http, IReadOnlyList<SettingsProblem> problems) =>
        SendAsync(
            http,
            422,
            json =>
            {
                json.WriteStartArray("detail");
                foreach (var problem in problems)
                {
                    Write(json, problem);
                }

                json.WriteEndArray();
            }
        );

    /// <inheritdoc />
    public IReadOnlyList<object> Locate(IReadOnlyList<object> enginePath) =>
        enginePath is ["credentials", ..] ? ["body", "credential", .. enginePath] : ["body", .. enginePath];

    private static void Write(Utf8JsonWriter json, SettingsProblem problem)
    {
        json.WriteStartObject();
        json.WriteStartArray("loc");
        foreach (var step in problem.Path)
        {
            if (step is string name)
            {
                json.WriteStringValue(name);
            }
            else
            {
                json.WriteNumberValue(Convert.ToInt64(step, System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        json.WriteEndArray();
        json.WriteString("msg", problem.Message);
        json.WriteString("type", problem.Code);
        json.WriteEndObject();
    }

    private static async Task SendAsync(HttpContext http, int status, Action<Utf8JsonWriter> members)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, Options);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    }
}
