using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Outlook;

/// <summary>Reads mailboxes through Microsoft Graph. See https://learn.microsoft.com/graph/api/resources/mail-api-overview.</summary>
internal sealed class OutlookReader(ReaderContext context, OutlookConfig config) : IReader
{
    private const int MostProbed = 100;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var directory = await OutlookDirectory.OpenAsync(context, config, cancellationToken);
        OutlookMailbox? open = null;
        SourceException? closed = null;
        var probed = 0;
        await foreach (var page in Allowed(directory.PagesAsync(cancellationToken), "User.Read.All"))
        {
            foreach (var mailbox in page)
            {
                var reason = await directory.ClosedAsync(mailbox, cancellationToken);
                open ??= reason is null ? mailbox : null;
                closed ??= reason;
                if (reason is not null && config.IsStrict)
                {
                    throw reason;
                }

                if (++probed >= MostProbed || (open is not null && !config.IsStrict))
                {
                    break;
                }
            }

            if (open is not null || probed >= MostProbed)
            {
                break;
            }
        }

        if (open is null)
        {
            throw closed
                ?? new SourceException(
                    FailureKind.Configuration,
                    "There is no mailbox to read: the groups have no members with a mailbox, or the tenant has no users."
                );
        }

        if (config.IncludeCalendar)
        {
            var calendar = new OutlookCalendar(context, config);
            await GraphFailures.AllowedAsync(
                async () => await calendar.PagesAsync(open, cancellationToken).FirstAsync(cancellationToken),
                "Calendars.Read"
            );
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var directory = await OutlookDirectory.OpenAsync(context, config, cancellationToken);
        var position = request.CheckpointAs<OutlookPosition>();
        if (position?.Selection != config.Selection)
        {
            position = new OutlookPosition { Selection = config.Selection };
        }

        // What changed while a pass was interrupted may be in threads that it has read: a second pass looks there.
        for (var passes = position.IsStarted ? 2 : 1; passes > 0; passes--)
        {
            await foreach (
                var item in new OutlookPass(context, config, directory, position).RunAsync(cancellationToken)
            )
            {
                yield return item;
            }
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var directory = await OutlookDirectory.OpenAsync(context, config, cancellationToken);
        var listing = new OutlookListing(context, config, directory);
        await context.Work.ClearAsync(cancellationToken);
        SourceException? closed = null;
        var isAnyOpen = false;
        await foreach (var page in directory.PagesAsync(cancellationToken))
        {
            foreach (var mailbox in page)
            {
                var reason = await directory.ClosedAsync(mailbox, cancellationToken);
                if (reason is not null && (config.IsStrict || reason.Status is HttpStatusCode.Locked))
                {
                    throw reason;
                }

                closed ??= reason;
                if (reason is not null)
                {
                    continue;
                }

                isAnyOpen = true;
                await foreach (var id in listing.OfAsync(mailbox, cancellationToken))
                {
                    yield return id;
                }
            }
        }

        if (!isAnyOpen && closed is not null)
        {
            throw closed;
        }

        await foreach (var id in listing.LeftAsync(cancellationToken))
        {
            yield return id;
        }
    }

    private static async IAsyncEnumerable<T> Allowed<T>(IAsyncEnumerable<T> items, string permission)
    {
        await using var each = items.GetAsyncEnumerator();
        while (await GraphFailures.AllowedAsync(async () => await each.MoveNextAsync(), permission))
        {
            yield return each.Current;
        }
    }
}
