using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tributary.Contract.Emulators;

/// <summary>One request to an emulator.</summary>
public sealed class EmulatorCall(HttpContext context, IReadOnlyDictionary<string, string> route, byte[] body)
{
    /// <summary>The request itself.</summary>
    public HttpRequest Request => context.Request;

    /// <summary>Its body.</summary>
    public byte[] Body => body;

    /// <summary>Its body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(body).RootElement;

    /// <summary>A value of the path, unescaped.</summary>
    public string this[string name] => route[name];

    /// <summary>A value of the path as a number; -1 when it is none.</summary>
    public int Id(string name = "id") => int.TryParse(route[name], CultureInfo.InvariantCulture, out var id) ? id : -1;

    /// <summary>A query parameter; null when it is absent.</summary>
    public string? Query(string name) => context.Request.Query.TryGetValue(name, out var value) ? (string?)value : null;

    /// <summary>A numeric query parameter.</summary>
    public int Number(string name, int otherwise) =>
        int.TryParse(Query(name), CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    /// <summary>Every value of a repeated query parameter.</summary>
    public IReadOnlyList<string> Queries(string name) => [.. context.Request.Query[name].OfType<string>()];

    /// <summary>A header; null when it is absent.</summary>
    public string? Header(string name) =>
        context.Request.Headers.TryGetValue(name, out var value) ? (string?)value : null;

    /// <summary>The form that was posted.</summary>
    public IReadOnlyDictionary<string, string> Form =>
        System
            .Text.Encoding.UTF8.GetString(body)
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .GroupBy(pair => Decoded(pair[0]))
            .ToDictionary(group => group.Key, group => Decoded(group.Last().ElementAtOrDefault(1) ?? ""));

    private static string Decoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
