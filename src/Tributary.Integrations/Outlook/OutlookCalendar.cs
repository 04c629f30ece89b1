using System.Globalization;
using System.Runtime.CompilerServices;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Outlook;

/// <summary>The meetings of a mailbox within a window that moves with the days.</summary>
internal sealed class OutlookCalendar(ReaderContext context, OutlookConfig config)
{
    private const int RowsPerPage = 100;

    /// <summary>The window, read whole each time: a link made for old bounds would miss what the window moves on to.</summary>
    public IAsyncEnumerable<Page<GraphCollection<CalendarEvent>>> PagesAsync(
        OutlookMailbox mailbox,
        CancellationToken cancellationToken
    )
    {
        var today = new DateTimeOffset(context.Time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        return PagesAsync("calendarView/delta").OrElse(() => PagesAsync("calendarView"), cancellationToken);

        IAsyncEnumerable<Page<GraphCollection<CalendarEvent>>> PagesAsync(string view) =>
            context.Http.GraphPagesAsync(
                config
                    .Root.At($"users/{mailbox.Id}")
                    .At(
                        FormattableStringFactory.Create(view),
                        ("startDateTime", today.AddDays(-config.CalendarPastDays)),
                        ("endDateTime", today.AddDays(config.CalendarFutureDays + 1))
                    ),
                OutlookJson.Default.GraphCollectionCalendarEvent,
                null,
                cancellationToken,
                $"odata.maxpagesize={RowsPerPage}, {OutlookMail.Preferences}"
            );
    }

    public async Task<CalendarEvent> EventAsync(OutlookMailbox mailbox, string id, CancellationToken cancellationToken)
    {
        using var request = GraphPages.RequestOf(
            config.Root.At($"users/{mailbox.Id}/events/{id}"),
            OutlookMail.Preferences
        );
        using var response = await context.Http.SendCheckedAsync(request, cancellationToken);
        return await response.ReadJsonAsync(OutlookJson.Default.CalendarEvent, cancellationToken);
    }

    public static string? VersionOf(CalendarEvent item) =>
        item.LastModifiedDateTime?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    public Document DocumentOf(OutlookMailbox mailbox, CalendarEvent item)
    {
        var body =
            item.Body is not { } text ? ""
            : text.IsHtml ? GraphText.Of(context.Html, text.Content)
            : text.Content?.Trim() ?? "";
        var people = (item.Attendees ?? []).Select(OutlookMapping.TextOf).OfType<string>().ToList();
        var lines = new[]
        {
            item.IsCancelled == true ? "Cancelled." : null,
            TimesOf(item),
            RecurrenceOf(item.Recurrence) is { } words ? $"Repeats: {words}" : null,
            string.IsNullOrWhiteSpace(item.Location?.DisplayName) ? null : $"Where: {item.Location.DisplayName}",
            OutlookMapping.TextOf(item.Organizer) is { } organizer ? $"Organizer: {organizer}" : null,
            people.Count > 0 ? $"Attendees: {string.Join(", ", people)}" : null,
        };
        return new Document
        {
            Id = OutlookIds.Event(mailbox, item.Id),
            Title = string.IsNullOrWhiteSpace(item.Subject) ? "(no subject)" : item.Subject.Trim(),
            Link = item.WebLink,
            Sections = [new Section($"{string.Join("\n", lines.OfType<string>())}\n\n{body}".Trim(), item.WebLink)],
            Version = VersionOf(item),
            CreatedAt = item.CreatedDateTime,
            UpdatedAt = item.LastModifiedDateTime,
            PrimaryOwners = OutlookMapping.OwnerOf(item.Organizer) is { } owner ? [owner] : [],
            SecondaryOwners = [.. (item.Attendees ?? []).Select(OutlookMapping.OwnerOf).OfType<Owner>().Distinct()],
            Metadata = new Dictionary<string, MetadataValue> { ["mailbox"] = mailbox.Address, ["type"] = "event" },
            Access = new DocumentAccess(false, ReadersOf(mailbox, item), []),
        };
    }

    private static IReadOnlyList<string> ReadersOf(OutlookMailbox mailbox, CalendarEvent item) =>
        item.Sensitivity is "private" or "confidential"
            ? [mailbox.Address]
            :
            [
                .. (item.Attendees ?? [])
                    .Append(item.Organizer)
                    .Select(person => GraphMarks.Normal(person?.EmailAddress?.Address))
                    .OfType<string>()
                    .Append(mailbox.Address)
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ];

    private static string? TimesOf(CalendarEvent item) =>
        TimeOf(item.Start) is not { } start ? null
        : item.IsAllDay == true ? AllDay(start, TimeOf(item.End))
        : TimeOf(item.End) is { } end ? $"When: {start:yyyy-MM-dd HH:mm} to {end:yyyy-MM-dd HH:mm} UTC"
        : $"When: {start:yyyy-MM-dd HH:mm} UTC";

    /// <summary>From midnight to the midnight after the last day.</summary>
    private static string AllDay(DateTime start, DateTime? end) =>
        end is { } after && after.AddDays(-1) > start
            ? $"When: {start:yyyy-MM-dd} to {after.AddDays(-1):yyyy-MM-dd}, all day"
            : $"When: {start:yyyy-MM-dd}, all day";

    private static DateTime? TimeOf(EventTime? time) =>
        DateTime.TryParse(
            time?.DateTime,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var parsed
        )
            ? parsed
            : null;

    private static string? RecurrenceOf(EventRecurrence? recurrence)
    {
        if (recurrence?.Pattern is not { } pattern)
        {
            return null;
        }

        var unit = pattern.Type switch
        {
            "daily" => "day",
            "weekly" => "week",
            "absoluteMonthly" or "relativeMonthly" => "month",
            _ => "year",
        };
        var every = pattern.Interval is > 1 and var interval ? $"every {interval} {unit}s" : $"every {unit}";
        var days = pattern.DaysOfWeek is { Count: > 0 } names ? $" on {string.Join(", ", names)}" : "";
        var until = recurrence.Range switch
        {
            { Type: "endDate", EndDate: { } date } => $" until {date}",
            { Type: "numbered", NumberOfOccurrences: { } count } => $", {count} times",
            _ => "",
        };
        return every + days + until;
    }
}
