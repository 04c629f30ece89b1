using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.Atlassian;

/// <summary>Times as Atlassian writes them (offsets without a colon) and as its query languages read them (in somebody's time zone, by the minute).</summary>
internal static class AtlassianTime
{
    /// <summary>The zone of this name; null when it is not known here.</summary>
    public static TimeZoneInfo? ZoneOf(string? name) =>
        name is { Length: > 0 } && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;

    /// <summary>A time for JQL and CQL. It never falls into the hour that a zone leaves out in spring.</summary>
    /// <returns>E.g. <c>2026-01-31 10:11</c>. The hour that a zone has twice in autumn may be read as the later one: then it is the hour before.</returns>
    public static string Written(DateTimeOffset time, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(time, zone).DateTime;
        return (zone.IsAmbiguousTime(local) ? local.AddHours(-1) : local).ToString(
            "yyyy-MM-dd HH:mm",
            CultureInfo.InvariantCulture
        );
    }

    /// <summary>The beginning of a time's minute.</summary>
    public static DateTimeOffset? MinuteOf(DateTimeOffset? time) =>
        time is { } known
            ? new DateTimeOffset(known.UtcTicks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero)
            : null;

    /// <summary>A value in quotation marks, as JQL and CQL take it.</summary>
    public static string Quoted(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}

/// <summary>Reads <c>2026-01-31T10:11:12.345+0000</c>; null for what is no time.</summary>
internal sealed class AtlassianTimeConverter : JsonConverter<DateTimeOffset?>
{
    public override DateTimeOffset? Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    ) =>
        reader.TokenType == JsonTokenType.String
        && DateTimeOffset.TryParse(
            reader.GetString(),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time.ToUniversalTime()
            : null;

    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value?.ToString("O", CultureInfo.InvariantCulture));
}
