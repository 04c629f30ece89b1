using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Tributary.Engine.Models;

/// <summary>What is read out of a record's columns.</summary>
public static class RecordText
{
    /// <summary>The longest id of a record.</summary>
    public const int MaxIdLength = 1_500;
    private const int MaxTitleLength = 200;

    /// <summary>A record's id, a text or a number; null when it has none that can be used.</summary>
    public static string? Id(JsonElement record, string column) =>
        record.ValueKind == JsonValueKind.Object && record.TryGetProperty(column, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String when value.GetString() is { Length: > 0 and <= MaxIdLength } text => text,
                JsonValueKind.Number when value.GetRawText() is { Length: <= MaxIdLength } digits => digits,
                _ => null,
            }
            : null;

    /// <summary>A record's name: its title column, else its id.</summary>
    public static string Title(JsonElement record, string? column, string id)
    {
        var title = column is null ? null : Of(record, column);
        title = string.IsNullOrWhiteSpace(title) ? id : title.Trim();
        return title.Length > MaxTitleLength ? title[..MaxTitleLength] : title;
    }

    /// <summary>A column as text; null when the record has none.</summary>
    public static string? Of(JsonElement record, string column) =>
        record.TryGetProperty(column, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Null or JsonValueKind.Undefined => null,
                _ => value.GetRawText(),
            }
            : null;

    /// <summary>A column's time, as ISO 8601 or as seconds or milliseconds since 1970; null when it is none.</summary>
    public static DateTimeOffset? Time(JsonElement record, string column)
    {
        // As seconds this is the year 5138, as milliseconds 1973: what is larger is taken for milliseconds.
        const double MaxSeconds = 1e11;
        if (!record.TryGetProperty(column, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number))
        {
            var seconds = Math.Abs(number) < MaxSeconds ? number : number / 1000;
            return Math.Abs(seconds) < MaxSeconds / 2 ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;
        }

        return
            value.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParse(
                value.GetString(),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time
            )
            ? time
            : null;
    }

    /// <summary>A record's members with those of another over them.</summary>
    public static JsonElement Merge(JsonElement under, JsonElement over)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var member in under.EnumerateObject().Where(member => !over.TryGetProperty(member.Name, out _)))
            {
                member.WriteTo(json);
            }

            foreach (var member in over.EnumerateObject())
            {
                member.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
