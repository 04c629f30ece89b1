using System.Globalization;
using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Text;

/// <summary>iCalendar (RFC 5545) and vCard (RFC 6350): one section for each event, task or person.</summary>
internal sealed class CalendarFormat(ExtractionLimits limits) : IFormat
{
    private static readonly Dictionary<string, string> Labels = new()
    {
        ["DTSTART"] = "Start",
        ["DTEND"] = "End",
        ["DUE"] = "Due",
        ["LOCATION"] = "Location",
        ["ORGANIZER"] = "Organizer",
        ["ATTENDEE"] = "Attendee",
        ["STATUS"] = "Status",
        ["RRULE"] = "Repeats",
        ["CATEGORIES"] = "Categories",
        ["URL"] = "URL",
        ["DESCRIPTION"] = "",
        ["COMMENT"] = "",
        ["NICKNAME"] = "Nickname",
        ["ORG"] = "Organization",
        ["TITLE"] = "Title",
        ["ROLE"] = "Role",
        ["EMAIL"] = "E-mail",
        ["TEL"] = "Telephone",
        ["ADR"] = "Address",
        ["BDAY"] = "Birthday",
        ["NOTE"] = "",
    };

    public string Name => "a calendar or contact file";

    public bool Recognises(FileProbe probe) =>
        probe.StartsWith("BEGIN:VCALENDAR"u8)
        || probe.StartsWith("BEGIN:VCARD"u8)
        || (probe.Extension is "ics" or "ifb" or "vcf" or "vcard" || probe.MediaType is "text/calendar" or "text/vcard")
            && TextProbe.IsText(probe);

    public async Task<ExtractedText> ExtractAsync(SourceFile file, CancellationToken cancellationToken)
    {
        var text = await PlainTextFormat.ReadAsync(file, limits, cancellationToken);
        var collector = new TextCollector(limits.MaxCharacters, cancellationToken);
        if (text.StartsWith('#') || text.StartsWith("<!--", StringComparison.Ordinal))
        {
            collector.AppendLine(text.AsSpan(0, Math.Max(0, text.IndexOf('\n'))));
        }

        var facts = new DocumentFacts();
        Write(text, collector, facts);
        return collector.Finish(facts);
    }

    /// <summary>Also what mails carry as invitations.</summary>
    public static void Write(string text, TextCollector collector, DocumentFacts facts)
    {
        var lines = new List<string>();
        string? heading = null;
        var depth = 0;
        foreach (var line in ContentLines.Read(text))
        {
            switch (line.Name)
            {
                case "BEGIN" when line.Value is "VEVENT" or "VTODO" or "VJOURNAL" or "VCARD":
                    depth = 1;
                    heading = null;
                    lines.Clear();
                    break;
                case "BEGIN" when depth > 0:
                    // An alarm inside an event repeats its text.
                    depth++;
                    break;
                case "END" when depth > 1:
                    depth--;
                    break;
                case "END" when depth == 1:
                    depth = 0;
                    collector.StartSection(heading);
                    collector.Append(string.Join('\n', lines.Count == 0 && heading is not null ? [heading] : lines));
                    break;
                case "X-WR-CALNAME":
                    facts.Title = line.Value;
                    break;
                case "SUMMARY" or "FN" when depth == 1:
                    heading = line.Value;
                    break;
                case "LAST-MODIFIED" or "REV" when depth == 1 && ParseTime(line.Value) is { } modified:
                    facts.ModifiedAt = facts.ModifiedAt > modified ? facts.ModifiedAt : modified;
                    break;
                default:
                    if (
                        depth == 1
                        && Labels.TryGetValue(line.Name, out var label)
                        && line.Value.Trim(';', ' ').Length > 0
                    )
                    {
                        lines.Add(Format(label, line));
                    }

                    break;
            }

            if (collector.IsFull)
            {
                return;
            }
        }
    }

    private static string Format(string label, ContentLines.Line line)
    {
        if (label.Length == 0)
        {
            return "\n" + line.Value + "\n";
        }

        var value = line.Name switch
        {
            "DTSTART" or "DTEND" or "DUE" => FormatTime(line),
            "ADR" or "ORG" => string.Join(", ", line.Value.Split(';', StringSplitOptions.RemoveEmptyEntries)),
            "ORGANIZER" or "ATTENDEE" => FormatPerson(line),
            _ => line.Value,
        };
        return $"{label}: {value}";
    }

    private static string FormatPerson(ContentLines.Line line)
    {
        var address = line.Value.Replace("mailto:", "", StringComparison.OrdinalIgnoreCase);
        var name = line
            .Parameters.Split(';')
            .FirstOrDefault(parameter => parameter.StartsWith("CN=", StringComparison.OrdinalIgnoreCase));
        return name is null ? address : $"{name[3..].Trim('"')} <{address}>";
    }

    private static string FormatTime(ContentLines.Line line)
    {
        var zone = line
            .Parameters.Split(';')
            .FirstOrDefault(parameter => parameter.StartsWith("TZID=", StringComparison.OrdinalIgnoreCase));
        var value = line.Value.TrimEnd('Z');
        var suffix =
            line.Value.EndsWith('Z') ? " UTC"
            : zone is null ? ""
            : " " + zone[5..].Trim('"');
        return DateTime.TryParseExact(
                value,
                "yyyyMMdd'T'HHmmss",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var time
            )
                ? time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + suffix
            : DateTime.TryParseExact(value, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : line.Value;
    }

    private static DateTimeOffset? ParseTime(string value) =>
        DateTimeOffset.TryParseExact(
            value,
            ["yyyyMMdd'T'HHmmss'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyyMMdd'T'HHmmsszzz"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : DocumentFacts.ParseTime(value);
}
