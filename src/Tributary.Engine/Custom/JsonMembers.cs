using System.Text.Json;

namespace Tributary.Engine.Custom;

/// <summary>Members of JSON that somebody else wrote: what is of another type than it should be counts as missing.</summary>
internal static class JsonMembers
{
    /// <summary>A member that is neither missing nor null.</summary>
    public static JsonElement? Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out var member)
        && member.ValueKind != JsonValueKind.Null
            ? member
            : null;

    public static string? Text(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;

    public static bool? Flag(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } member
            ? member.ValueKind == JsonValueKind.True
            : null;

    public static long? Whole(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Number } member
        && member.TryGetDouble(out var number)
        && Math.Abs(number) < 9e15
            ? (long)number
            : null;

    public static double? Number(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Number } member && member.TryGetDouble(out var number)
            ? number
            : null;

    public static JsonElement? Object(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Object } member ? member : null;

    public static JsonElement? Array(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Array } member ? member : null;

    /// <summary>The items of an array member; none when it is missing.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement json, string name) =>
        json.Array(name) is { } array ? array.EnumerateArray() : [];
}
