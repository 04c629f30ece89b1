using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Web;

/// <summary>What is said of each address and where it leads, once it is known what came of fetching it.</summary>
internal sealed class OutcomeHearing(
    WebConfig config,
    CrawlPass pass,
    Frontier frontier,
    SiteHttp http,
    IKnownDocuments known,
    Func<Visit, CancellationToken, Task<PageOutcome>> fetch
)
{
    /// <summary>What a fetched page gives, and where it leads.</summary>
    /// <param name="visit">The page.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="said">Takes what is to be yielded.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">The site as a whole cannot be read.</exception>
    public async Task HearAsync(
        Visit visit,
        PageOutcome outcome,
        List<ReadItem> said,
        CancellationToken cancellationToken
    )
    {
        var id = visit.Id;
        switch (outcome)
        {
            case PageOutcome.Read { Document: var document, Links: var links }:
                await SayAsync(visit, new ReadItem.Found(document), said, cancellationToken);
                await frontier.AddLinksAsync(links, visit.Item.Depth + 1, said, cancellationToken);
                break;
            case PageOutcome.NotModified { Links: var links }:
                await SayAsync(visit, new ReadItem.Unchanged(id), said, cancellationToken);
                await FollowAsync(links, visit, said, cancellationToken);
                break;
            case PageOutcome.Alias { Canonical: var canonical, Own: var own }:
                await HearAliasAsync(visit, canonical, own, said, cancellationToken);
                break;
            case PageOutcome.Moved { Target: var target }:
                await HearMoveAsync(visit, target, said, cancellationToken);
                break;
            case PageOutcome.Gone { Status: var status }:
                if (visit.IsStart)
                {
                    throw StartFailure.OfStatus(visit.Url, status, http.HasLogIn);
                }

                await SkipAsync(visit, SkipReasons.Status(status), said, cancellationToken);
                DeleteKnown(visit, said);
                break;
            case PageOutcome.Skip { Reason: var reason, Links: var links, Status: var status }:
                if (visit.IsStart && (status >= 400 || reason == SkipReasons.Disallowed))
                {
                    throw status >= 400
                        ? StartFailure.OfStatus(visit.Url, status, http.HasLogIn)
                        : StartFailure.Disallowed(visit.Url);
                }

                await SkipAsync(visit, reason, said, cancellationToken);
                if (reason == SkipReasons.NoIndex)
                {
                    DeleteKnown(visit, said);
                }

                await frontier.AddLinksAsync(links, visit.Item.Depth + 1, said, cancellationToken);
                break;
            case PageOutcome.Seen { Links: var links }:
                await FollowAsync(links, visit, said, cancellationToken);
                break;
            case PageOutcome.Fail { Error: var error, IsOutage: var isOutage }:
                await HearFailureAsync(visit, error, isOutage, said, cancellationToken);
                break;
        }
    }

    /// <summary>The canonical address of a page had its turn: without it, the page stands for itself.</summary>
    public async Task DecideAliasAsync(Visit visit, List<ReadItem> said, CancellationToken cancellationToken)
    {
        if (!await frontier.IsDeadAsync(visit.Data.Of!, cancellationToken))
        {
            pass.CountCanonical(isLive: true);
            said.Add(new ReadItem.Skipped(visit.Url, SkipReasons.Canonical));
            return;
        }

        pass.CountCanonical(isLive: false);
        var id = visit.Id;
        visit.Known = (await known.GetAsync([id], cancellationToken)).GetValueOrDefault(id);
        await HearAsync(visit, await fetch(visit, cancellationToken), said, cancellationToken);
    }

    // A page that cannot be had now is still there as far as anybody knows, and so is what it led to.
    private async Task HearFailureAsync(
        Visit visit,
        SourceException error,
        bool isOutage,
        List<ReadItem> said,
        CancellationToken cancellationToken
    )
    {
        if (visit.IsStart)
        {
            throw error;
        }

        var id = visit.Id;
        var noted = LinkNote.Read(visit.Url, visit.Known?.Note);
        pass.NoteReason(error.Message, error.Kind == FailureKind.Transient);
        if (!pass.IsListing)
        {
            said.Add(new ReadItem.Failed(id, visit.Url, error.Message));
        }
        else if (visit.Known is not null && noted is not null)
        {
            await SayAsync(visit, new ReadItem.Unchanged(id), said, cancellationToken);
        }
        else if (visit.Known is not null || isOutage)
        {
            throw new SourceException(
                FailureKind.Transient,
                $"The listing is not complete, since the links of a page are not known: {error.Message}",
                error
            );
        }

        await FollowAsync(new PageLinks(noted ?? [], []), visit, said, cancellationToken);
    }

    private async Task HearMoveAsync(Visit visit, Uri target, List<ReadItem> said, CancellationToken cancellationToken)
    {
        var hops = (visit.Data.Hops ?? 0) + 1;
        if (UrlNormalizer.Normalize(target) is not { } to)
        {
            await SkipAsync(visit, SkipReasons.NotAnAddress, said, cancellationToken);
            return;
        }

        if (to == visit.Url)
        {
            await SkipAsync(visit, SkipReasons.RedirectsToItself, said, cancellationToken);
            return;
        }

        if (PageReading.IsLogIn(visit.Url, to))
        {
            await (
                visit.IsStart
                    ? throw StartFailure.LogIn(visit.Url, to)
                    : SkipAsync(visit, SkipReasons.LogIn, said, cancellationToken)
            );
            return;
        }

        var refusal = pass.Scope.MoveRefusal(visit.Url, to);
        if (visit.IsStart && refusal == SkipReasons.RedirectsOffSite)
        {
            throw StartFailure.MovedAway(visit.Url, to);
        }

        if (visit.IsStart && refusal == SkipReasons.NotIncluded)
        {
            refusal = null;
        }
        else if (visit.IsStart && refusal == SkipReasons.OutsidePath)
        {
            // Nothing else is on its way yet, so everything will be judged by the wider scope.
            refusal = null;
            pass.StartMovedTo(to);
        }

        if ((refusal ?? (hops > 10 ? SkipReasons.TooManyRedirects : null)) is { } reason)
        {
            await SkipAsync(visit, reason, said, cancellationToken);
            return;
        }

        await frontier.AddPagesAsync(
            [(to, visit.Data with { Kind = null, Hops = hops }, visit.Item.Depth)],
            cancellationToken
        );
        await frontier.MarkDeadAsync(visit.Url, cancellationToken);
        frontier.SayOnce(visit.Url, SkipReasons.Redirected, said);
    }

    // The canonical address is fetched in its turn, before the alias has another one.
    private async Task HearAliasAsync(
        Visit visit,
        string canonical,
        PageOutcome.Read own,
        List<ReadItem> said,
        CancellationToken cancellationToken
    )
    {
        if (pass.Position is { DeadCanonicals: >= 3 } at && at.DeadCanonicals > at.LiveCanonicals)
        {
            // A site whose canonical addresses mostly lead nowhere: each would cost two requests for nothing.
            await HearAsync(visit, own, said, cancellationToken);
            return;
        }

        var data = new FrontierData { ModifiedAt = visit.Data.ModifiedAt };
        await frontier.AddPagesAsync([(canonical, data, visit.Item.Depth)], cancellationToken);
        await frontier.AddAsync([frontier.Alias(visit.Url, canonical, data, visit.Item.Depth)], cancellationToken);
        await frontier.MarkDeadAsync(visit.Url, cancellationToken);
        await frontier.AddLinksAsync(own.Links, visit.Item.Depth + 1, said, cancellationToken);
    }

    private async Task SayAsync(Visit visit, ReadItem item, List<ReadItem> said, CancellationToken cancellationToken)
    {
        if (config.UrlRewrites.Count > 0)
        {
            var reason =
                visit.Id.Length > UrlNormalizer.MaxLength ? SkipReasons.TooLong
                : await frontier.ClaimIdAsync(visit.Id, cancellationToken) ? null
                : SkipReasons.SameId;
            if (reason is not null)
            {
                said.Add(new ReadItem.Skipped(visit.Url, reason));
                return;
            }
        }

        pass.CountPage();
        said.Add(item);
    }

    private async Task SkipAsync(Visit visit, string reason, List<ReadItem> said, CancellationToken cancellationToken)
    {
        pass.NoteReason($"{visit.Url}: {reason}", isTransient: false);
        said.Add(new ReadItem.Skipped(visit.Url, reason));
        await frontier.MarkDeadAsync(visit.Url, cancellationToken);
    }

    // The site says outright that it is not to be kept, so it does not wait for a prune.
    private static void DeleteKnown(Visit visit, List<ReadItem> said)
    {
        if (visit.Known is not null)
        {
            said[^1] = new ReadItem.Deleted(visit.Id);
        }
    }

    private ValueTask FollowAsync(
        PageLinks noted,
        Visit visit,
        List<ReadItem> said,
        CancellationToken cancellationToken
    ) =>
        config.WebConnectorType == WebConnectorType.Recursive
            ? frontier.AddLinksAsync(noted, visit.Item.Depth + 1, said, cancellationToken)
            : ValueTask.CompletedTask;
}
