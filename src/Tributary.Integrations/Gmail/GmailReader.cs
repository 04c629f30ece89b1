using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tributary.Integrations.Google;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Partitions;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Gmail;

/// <summary>Reads mailboxes side by side: every thread once, and from then on by the history of the mailbox.</summary>
internal sealed class GmailReader(ReaderContext context, GmailConfig config, GoogleCredentials credentials) : IReader
{
    private const int Concurrency = 3;
    private const int MostRetries = 100;
    private const string Query = "-in:drafts -in:chats -category:promotions";

    private readonly GoogleApi _google = new(context.Http);
    private readonly Uri _root = config.Services.Gmail;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var mailbox = await OwnAsync(cancellationToken);
        try
        {
            // Profiles are told to narrower scopes than messages.
            await ThreadsAsync(mailbox, null, 1, cancellationToken).FirstAsync(cancellationToken);
        }
        catch (SourceException exception) when (mailbox.User is not null && HasNoMail(exception))
        {
            // An administrator need not have a mailbox.
        }
        catch (SourceException exception)
            when (config.LabelIds is { Count: > 0 } && exception.Status == HttpStatusCode.BadRequest)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"Gmail does not take the labels {string.Join(", ", config.LabelIds)}: give ids of labels, such as INBOX or Label_12, not their names. ({exception.Message})",
                exception
            )
            {
                Member = "config.label_ids",
            };
        }

        await MailboxesAsync(cancellationToken).FirstOrDefaultAsync(cancellationToken);
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var mailboxes = new Dictionary<string, Mailbox>(StringComparer.Ordinal);
        await foreach (var mailbox in MailboxesAsync(cancellationToken))
        {
            mailboxes[mailbox.Email] = mailbox;
        }

        var selection = $"{credentials.Admin}|{config.IncludeAttachments}|{config.ApiBaseUrl}";
        if (config.IsFiltered)
        {
            selection += $"|{config.Query}|{string.Join(',', config.LabelIds ?? [])}";
        }

        var position = request.CheckpointAs<GmailPosition>();
        var items = PartitionedRead.ReadAsync(
            mailboxes.Keys,
            position?.Selection == selection ? position.Mailboxes : null,
            (key, from, cancellation) => ReadMailboxAsync(mailboxes[key], from, cancellation),
            Concurrency,
            reached => ReadItem.Checkpoint.From(new GmailPosition { Selection = selection, Mailboxes = reached }),
            cancellationToken
        );
        await foreach (var item in items)
        {
            yield return item;
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var mailbox in MailboxesAsync(cancellationToken))
        {
            await using var pages = ThreadsAsync(mailbox, null, 500, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await pages.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (SourceException exception) when (mailbox.User is not null && HasNoMail(exception))
                {
                    break;
                }

                var ids = (pages.Current.Body.Threads ?? []).Select(thread => mailbox.DocumentId(thread.Id)).ToList();
                var known = await context.Known.GetAsync(ids, cancellationToken);
                foreach (var id in ids)
                {
                    yield return id;
                    // Gmail lists no attachments; those of a thread were noted when it was read.
                    foreach (
                        var file in (known.GetValueOrDefault(id)?.Note ?? "").Split(
                            '\n',
                            StringSplitOptions.RemoveEmptyEntries
                        )
                    )
                    {
                        yield return file;
                    }
                }
            }
        }
    }

    /// <summary>Reads a mailbox. One that nobody may read is passed over, since the others can be.</summary>
    private async IAsyncEnumerable<ReadItem> ReadMailboxAsync(
        Mailbox mailbox,
        JsonElement? from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var items = ReadMailboxAsync(
                mailbox,
                from?.Deserialize<MailboxPosition>(SettingsJson.Options),
                cancellationToken
            )
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            SourceException? refusal = null;
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SourceException exception) when (mailbox.User is not null && ConcernsTheUser(exception))
            {
                refusal = exception;
            }

            if (refusal is not null)
            {
                yield return new ReadItem.Skipped(mailbox.Email, refusal.Message);
                yield break;
            }

            yield return items.Current;
        }
    }

    private async IAsyncEnumerable<ReadItem> ReadMailboxAsync(
        Mailbox mailbox,
        MailboxPosition? from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var threads = new GmailThreads(context, new GmailMapping(context, _google, config), mailbox);
        // The history's mark is taken before the listing begins, so that nothing falls between them.
        var position = from?.HistoryId is null
            ? new MailboxPosition { HistoryId = (await ProfileAsync(mailbox.User, cancellationToken)).HistoryId }
            : from;
        var isForgotten = false;
        if (!position.IsListed)
        {
            var pages = ThreadsAsync(mailbox, position.Next, 500, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            await using (pages)
            {
                while (await MoveNextAsync(pages, () => isForgotten = true, from?.Next))
                {
                    await foreach (var item in threads.ReadAsync(pages.Current.Body.Threads ?? [], cancellationToken))
                    {
                        position = position.With(item, mailbox);
                        yield return item;
                    }

                    position = position with { Next = pages.Current.Next };
                    yield return ReadItem.Checkpoint.From(position);
                }
            }

            // A search has no history: the next run lists again what it finds, and reads what is new or changed of it.
            position = config.IsFiltered
                ? new MailboxPosition()
                : position with
                {
                    IsListed = !isForgotten,
                    Next = null,
                };
            yield return ReadItem.Checkpoint.From(position);
        }

        if (!isForgotten && !config.IsFiltered)
        {
            foreach (var id in from?.Retry ?? [])
            {
                await foreach (var item in threads.ReadAsync([new GmailListed { Id = id }], cancellationToken))
                {
                    position = position.With(item, mailbox);
                    yield return item;
                }
            }

            var pages = HistoryAsync(mailbox, position.HistoryId!, position.Next, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            await using (pages)
            {
                // Right after a listing that nothing is known of the history loses nothing: the next run asks for it.
                while (
                    await MoveNextAsync(pages, () => isForgotten = from?.HistoryId is not null, $"{position.HistoryId}")
                )
                {
                    var changed = (pages.Current.Body.History ?? []).SelectMany(change => change.ThreadIds).Distinct();
                    await foreach (
                        var item in threads.ReadAsync(
                            [.. changed.Select(id => new GmailListed { Id = id })],
                            cancellationToken
                        )
                    )
                    {
                        position = position.With(item, mailbox);
                        yield return item;
                    }

                    position = pages.Current.Next is { } next
                        ? position with
                        {
                            Next = next,
                        }
                        : position with
                        {
                            Next = null,
                            HistoryId = pages.Current.Body.HistoryId ?? position.HistoryId,
                        };
                    yield return ReadItem.Checkpoint.From(position);
                }
            }
        }

        if (isForgotten || (position.Retry.Count > MostRetries && !config.IsFiltered))
        {
            yield return ReadItem.Checkpoint.From(new MailboxPosition());
        }

        if (isForgotten)
        {
            await foreach (var item in ReadMailboxAsync(mailbox, (MailboxPosition?)null, cancellationToken))
            {
                yield return item;
            }
        }
    }

    /// <summary>Whether there is a next page. A mark of an earlier run may be too old: then everything is listed again.</summary>
    private static async ValueTask<bool> MoveNextAsync<T>(IAsyncEnumerator<T> pages, Action forget, string? earlier)
    {
        try
        {
            return await pages.MoveNextAsync();
        }
        catch (SourceException exception)
            when (earlier is not null
                && !HasNoMail(exception)
                && exception.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest
            )
        {
            forget();
            return false;
        }
    }

    private async IAsyncEnumerable<Mailbox> MailboxesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!credentials.Delegates)
        {
            yield return await OwnAsync(cancellationToken);
            yield break;
        }

        var admin = credentials.Admin!;
        await using var users = _google
            .UsersAsync(config.Services.Directory, admin, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        for (var isFirst = true; ; isFirst = false)
        {
            var isRefused = false;
            try
            {
                if (!await users.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SourceException exception)
                when (isFirst && exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
            {
                isRefused = true;
            }

            if (isRefused)
            {
                yield return new Mailbox(admin, admin);
                yield break;
            }

            yield return new Mailbox(users.Current, users.Current);
        }
    }

    private async Task<Mailbox> OwnAsync(CancellationToken cancellationToken)
    {
        if (credentials.Delegates)
        {
            return new Mailbox(credentials.Admin!, credentials.Admin);
        }

        if (credentials.IsServiceAccount)
        {
            throw new SourceException(
                FailureKind.Credentials,
                "A service account has no mailbox of its own. Give google_primary_admin, and grant the service account domain-wide delegation in the Admin console."
            )
            {
                Member = "credentials.google_primary_admin",
            };
        }

        return new Mailbox((await ProfileAsync(null, cancellationToken)).EmailAddress, null);
    }

    private Task<GmailProfile> ProfileAsync(string? user, CancellationToken cancellationToken) =>
        _google.GetAsync(
            _root.At($"users/{user ?? "me"}/profile"),
            user,
            GmailJson.Default.GmailProfile,
            cancellationToken
        );

    /// <summary>
    /// The threads of a mailbox. A server that does not know the words of the search finds nothing at all: then it is asked
    /// without them, and what is left out is told by its labels. The marks of such pages begin with a star.
    /// </summary>
    private async IAsyncEnumerable<Page<GmailThreadList>> ThreadsAsync(
        Mailbox mailbox,
        string? from,
        int size,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (from?.StartsWith('*') != true)
        {
            var isFound = from is not null;
            await foreach (
                var page in ThreadsAsync(mailbox, $"{Query} {config.Query}".Trim(), from, size, cancellationToken)
            )
            {
                isFound |= page.Next is not null || page.Body.Threads is { Count: > 0 };
                if (isFound)
                {
                    yield return page;
                }
            }

            if (isFound)
            {
                yield break;
            }
        }

        await foreach (var page in ThreadsAsync(mailbox, config.Query?.Trim(), from?[1..], size, cancellationToken))
        {
            yield return page with
            {
                Next = page.Next is { } next ? "*" + next : null,
            };
        }
    }

    private IAsyncEnumerable<Page<GmailThreadList>> ThreadsAsync(
        Mailbox mailbox,
        string? query,
        string? from,
        int size,
        CancellationToken cancellationToken
    ) =>
        _google.PagesAsync(
            page =>
                _root.At(
                    $"users/{mailbox.Id}/threads",
                    ("q", string.IsNullOrEmpty(query) ? null : query),
                    ("labelIds", config.LabelIds),
                    ("maxResults", size),
                    ("pageToken", page),
                    ("fields", "nextPageToken,resultSizeEstimate,threads(id,historyId)")
                ),
            mailbox.User,
            GmailJson.Default.GmailThreadList,
            page => page.NextPageToken,
            from,
            cancellationToken
        );

    private IAsyncEnumerable<Page<GmailHistoryList>> HistoryAsync(
        Mailbox mailbox,
        string start,
        string? from,
        CancellationToken cancellationToken
    ) =>
        _google.PagesAsync(
            page =>
                _root.At(
                    $"users/{mailbox.Id}/history",
                    ("startHistoryId", start),
                    ("maxResults", 500),
                    ("pageToken", page)
                ),
            mailbox.User,
            GmailJson.Default.GmailHistoryList,
            page => page.NextPageToken,
            from,
            cancellationToken
        );

    /// <summary>"Mail service not enabled".</summary>
    private static bool HasNoMail(SourceException exception) =>
        GoogleErrors.ReasonOf(exception) is "failedPrecondition" or "FAILED_PRECONDITION";

    private static bool ConcernsTheUser(SourceException exception) =>
        HasNoMail(exception)
        || exception is { Kind: FailureKind.Credentials, Status: null or HttpStatusCode.Forbidden };
}

/// <summary>Where a read stands.</summary>
internal sealed record GmailPosition
{
    /// <summary>What is read: with other settings a read begins afresh.</summary>
    public required string Selection { get; init; }

    public PartitionedPosition? Mailboxes { get; init; }
}

/// <summary>Where the read of one mailbox stands.</summary>
internal sealed record MailboxPosition
{
    /// <summary>The history from here on is not read yet; null before the first read.</summary>
    public string? HistoryId { get; init; }

    /// <summary>The listing that comes first is complete.</summary>
    public bool IsListed { get; init; }

    /// <summary>The next page of the listing, then of the history.</summary>
    public string? Next { get; init; }

    /// <summary>Threads that could not be read.</summary>
    public IReadOnlyList<string> Retry { get; init; } = [];

    /// <summary>The position after an item.</summary>
    public MailboxPosition With(ReadItem item, Mailbox mailbox) =>
        item switch
        {
            ReadItem.Failed failed when Retry.Count <= 100 => this with
            {
                Retry = [.. Retry.Append(failed.ItemId[(mailbox.DocumentId("").Length)..]).Distinct()],
            },
            ReadItem.Found found => Without(found.Document.Id, mailbox),
            ReadItem.Unchanged unchanged => Without(unchanged.DocumentId, mailbox),
            ReadItem.Deleted deleted => Without(deleted.DocumentId, mailbox),
            _ => this,
        };

    private MailboxPosition Without(string id, Mailbox mailbox) =>
        Retry.Count == 0 ? this : this with { Retry = [.. Retry.Where(kept => mailbox.DocumentId(kept) != id)] };
}
