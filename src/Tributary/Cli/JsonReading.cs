using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tributary.Cli;

/// <summary>Reads the server's JSON without minding what is missing: the server may be older or newer.</summary>
internal static class JsonReading
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A member; undefined when there is none.</summary>
    public static JsonElement Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : default;

    /// <summary>Whether there is something.</summary>
    public static bool Exists(this JsonElement json) =>
        json.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>Texts as they are, numbers as written; null when there is nothing.</summary>
    public static string? Text(this JsonElement json) => json.Exists() ? json.ToString() : null;

    /// <summary>A member's text; empty when there is none.</summary>
    public static string Text(this JsonElement json, string name) => json.Member(name).Text() ?? "";

    /// <summary>A member's whole number; 0 when there is none.</summary>
    public static long Whole(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value)
            ? value
            : 0;

    /// <summary>A member's time; null when there is none.</summary>
    public static DateTimeOffset? Time(this JsonElement json, string name) =>
        DateTimeOffset.TryParse(
            json.Member(name).Text(),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;

    /// <summary>An array's items; none when it is no array.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement json) =>
        json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : [];

    /// <summary>As <c>--json</c> prints it.</summary>
    public static string Pretty<T>(T json) => JsonSerializer.Serialize(json, Indented);
}
