using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Http;

/// <summary>One request of a known caller, and its answer.</summary>
internal sealed class Exchange(HttpContext http, Caller caller)
{
    /// <summary>The request and the answer themselves.</summary>
    public HttpContext Http { get; } = http;

    /// <summary>Who asks.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>The caller has gone away.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>A service of the engine.</summary>
    public T Get<T>()
        where T : notnull => Http.RequestServices.GetRequiredService<T>();

    /// <summary>A whole number in the path.</summary>
    /// <exception cref="RequestException">422 when it is none.</exception>
    public long PathId(string name) =>
        long.TryParse(PathText(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw RequestException.Of(
                ["path", name],
                "int_parsing",
                "Input should be a valid integer, unable to parse string as an integer"
            );

    /// <summary>A text in the path.</summary>
    public string PathText(string name) => (string)Http.Request.RouteValues[name]!;

    /// <summary>A uuid in the path; the empty one, which nothing has, when it is none.</summary>
    public Guid PathUuid(string name) => Guid.TryParseExact(PathText(name), "D", out var uuid) ? uuid : Guid.Empty;

    /// <summary>The query string.</summary>
    public T Query<T>()
        where T : class => QueryString.Read<T>(Http.Request.Query);

    /// <summary>The JSON body as a settings type; members that it does not have are passed over.</summary>
    /// <exception cref="RequestException">422 with every mistake.</exception>
    public async ValueTask<T> ReadAsync<T>()
        where T : class => Body<T>(await JsonBody.ReadAsync(Http));

    /// <summary>A JSON value that was read already, as a settings type.</summary>
    /// <param name="json">The value.</param>
    /// <param name="more">Mistakes that were found elsewhere, to be told of together.</param>
    /// <exception cref="RequestException">422 with every mistake.</exception>
    public static T Body<T>(JsonElement json, params IEnumerable<SettingsProblem> more)
        where T : class
    {
        var problems = new List<SettingsProblem>();
        var value = SettingsReader.Read<T>(json, UnknownMembers.Ignored, problems);
        problems.AddRange(more);
        return value is not null && problems.Count == 0
            ? value
            : throw new RequestException([.. problems.Select(problem => problem.Under("body"))]);
    }

    /// <summary>Answers with JSON.</summary>
    public async Task WriteAsync<T>(T value, JsonTypeInfo<T> type)
    {
        Http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(Http.Response.BodyWriter, value, type, Aborted);
    }

    /// <summary>Answers with JSON's null.</summary>
    public Task WriteNullAsync()
    {
        Http.Response.ContentType = "application/json";
        return Http.Response.Body.WriteAsync("null"u8.ToArray(), Aborted).AsTask();
    }
}
