using System.Globalization;
using System.Net;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.HubSpot;

/// <summary>The account's API, by whole pages: what one record needs is asked for a hundred at a time.</summary>
internal sealed class HubSpotCrm(ReaderContext context, Uri root)
{
    public const int PerPage = 100;
    private const string Version = "2026-09";
    private bool? _isLegacy;
    private const int OwnersPerPage = 500;
    private const HttpStatusCode MalformedToken = (HttpStatusCode)530;

    /// <summary>Refuses as HubSpot does, in words that name the missing scope.</summary>
    public async Task<T> AskAsync<T>(
        Uri address,
        JsonTypeInfo<T> type,
        string scope,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var response = await context.Http.SendAnyAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return await response.ReadJsonAsync(type, cancellationToken);
        }

        var failure = SourceHttp.FailureOf(request, response);
        if (response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized or MalformedToken))
        {
            throw failure;
        }

        var scopes =
            response.StatusCode == HttpStatusCode.Forbidden ? await ScopesAsync(response, cancellationToken) : [];
        throw new SourceException(
            FailureKind.Credentials,
            response.StatusCode == HttpStatusCode.Forbidden
                ? $"The HubSpot token may not read this: it lacks the scope {(scopes.Count > 0 ? string.Join(", ", scopes) : scope)}. "
                    + "Add it to the private app under Settings, Integrations, and give the app's token again."
                : "HubSpot does not accept this token: it is wrong, expired or of another kind. Give the token of a private app (pat-…), a service key, or a new OAuth access token.",
            failure
        )
        {
            Status = response.StatusCode,
            Member = "credentials.hubspot_access_token",
        };
    }

    // Accounts and gateways that do not have the current version of the API have the one before.
    private Uri Objects => _isLegacy == true ? root.At($"crm/v3/objects") : root.At($"crm/objects/{Version}");

    private Uri Associations =>
        _isLegacy == true ? root.At($"crm/v4/associations") : root.At($"crm/associations/{Version}");

    /// <summary>Whose account it is, for links; nobody's where the token may not know.</summary>
    public async Task<AccountDetails> AccountAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(
                root.At($"account-info/v3/details"),
                HubSpotJson.Default.AccountDetails,
                "oauth",
                cancellationToken
            );
        }
        catch (SourceException exception) when (IsRefused(exception))
        {
            return new AccountDetails();
        }
    }

    /// <summary>Whether the token may read a type.</summary>
    /// <exception cref="SourceException">It may not, and has to.</exception>
    public async Task<bool> MayReadAsync(CrmType type, bool isNeeded, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(
                Objects.At($"{type.Name}", ("limit", 1), ("properties", "hs_object_id")),
                HubSpotJson.Default.ObjectsAnswer,
                type.Scope,
                cancellationToken
            );
            _isLegacy ??= false;
            return true;
        }
        catch (SourceException exception) when (exception.Status == HttpStatusCode.NotFound && _isLegacy is null)
        {
            var isFound = false;
            _isLegacy = true;
            try
            {
                return isFound = await MayReadAsync(type, isNeeded, cancellationToken);
            }
            finally
            {
                _isLegacy = isFound ? true : null;
            }
        }
        catch (SourceException exception) when (!isNeeded && IsRefused(exception))
        {
            return false;
        }
    }

    /// <summary>Not to be had here: of what a reader can do without, it does.</summary>
    private static bool IsRefused(SourceException exception) =>
        exception.Status
            is HttpStatusCode.Forbidden
                or HttpStatusCode.NotFound
                or HttpStatusCode.BadRequest
                or HttpStatusCode.MethodNotAllowed
                or HttpStatusCode.NotImplemented;

    /// <summary>All records of a type, by id.</summary>
    public IAsyncEnumerable<Page<ObjectsAnswer>> ListAsync(
        CrmType type,
        IReadOnlyList<string> properties,
        string? from,
        CancellationToken cancellationToken
    ) =>
        context.Http.PagesByCursorAsync(
            after =>
                Objects.At(
                    $"{type.Name}",
                    ("limit", PerPage),
                    ("after", after),
                    ("properties", string.Join(',', properties))
                ),
            HubSpotJson.Default.ObjectsAnswer,
            answer => answer.Next,
            from,
            cancellationToken
        );

    /// <summary>
    /// Records changed since, by id. Each page asks for the ids after the one before: a search counts no further than
    /// 10,000, and records that change meanwhile shift nothing.
    /// </summary>
    public IAsyncEnumerable<Page<ObjectsAnswer>> SearchAsync(
        CrmType type,
        DateTimeOffset since,
        string? from,
        CancellationToken cancellationToken
    ) =>
        context.Http.PagesByCursorAsync(
            last =>
            {
                List<Filter> filters = [new(type.ChangedAt, "GTE", Text(since.ToUnixTimeMilliseconds()))];
                if (last is not null)
                {
                    filters.Add(new Filter("hs_object_id", "GTE", Text(Number(last) + 1)));
                }

                return SourceHttp.PostOf(
                    Objects.At($"{type.Name}/search"),
                    new SearchBody([new FilterGroup(filters)], ["hs_object_id"], type.Properties, PerPage),
                    HubSpotJson.Default.SearchBody,
                    onlyReads: true
                );
            },
            HubSpotJson.Default.ObjectsAnswer,
            answer =>
                answer.Next is null || answer.Results.Count == 0 ? null : Text(answer.Results.Max(r => Number(r.Id))),
            from,
            cancellationToken
        );

    /// <summary>Records of a type that have some words.</summary>
    public async Task<IReadOnlyList<CrmRecord>> FindAsync(
        CrmType type,
        string words,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var answer = await context.Http.PostJsonAsync(
            root.At($"crm/objects/{Version}/{type.Name}/search"),
            new FindBody(words, type.Properties, limit),
            HubSpotJson.Default.FindBody,
            HubSpotJson.Default.ObjectsAnswer,
            onlyReads: true,
            cancellationToken
        );
        return answer.Results;
    }

    /// <summary>Records by id, as many as there are of them.</summary>
    public async Task<Dictionary<string, CrmRecord>> ReadAsync(
        CrmType type,
        IEnumerable<string> ids,
        CancellationToken cancellationToken
    )
    {
        var records = new Dictionary<string, CrmRecord>(StringComparer.Ordinal);
        foreach (var some in ids.Distinct().Chunk(PerPage))
        {
            var answer = await context.Http.PostJsonAsync(
                Objects.At($"{type.Name}/batch/read"),
                new BatchBody([.. some.Select(id => new BatchInput(id))], type.Properties, []),
                HubSpotJson.Default.BatchBody,
                HubSpotJson.Default.BatchAnswer,
                onlyReads: true,
                cancellationToken
            );
            foreach (var record in answer.Results)
            {
                records[record.Id] = record;
            }
        }

        return records;
    }

    /// <summary>What records are linked to, at most so many each (the newest), and which could not be looked up.</summary>
    public async Task<CrmLinks> LinksAsync(
        CrmType from,
        CrmType to,
        IReadOnlyList<string> ids,
        int most,
        CancellationToken cancellationToken
    )
    {
        var links = new CrmLinks([], []);
        var inputs = ids.Select(id => new AssociationsInput(id)).ToList();
        for (var rounds = 0; inputs.Count > 0; rounds++)
        {
            var answer = await context.Http.PostJsonAsync(
                Associations.At($"{from.Name}/{to.Name}/batch/read"),
                new AssociationsBody(inputs),
                HubSpotJson.Default.AssociationsBody,
                HubSpotJson.Default.AssociationsAnswer,
                onlyReads: true,
                cancellationToken
            );

            // Those without links are told as errors, too.
            foreach (var error in (answer.Errors ?? []).Where(error => error.Category != "OBJECT_NOT_FOUND"))
            {
                var named = error.Context.TextsOf("fromObjectId").Intersect(ids).ToList();
                foreach (var id in named.Count > 0 ? named : ids)
                {
                    links.Failed[id] = error.Message ?? $"HubSpot could not say which {to.Name} it is linked to.";
                }
            }

            foreach (var result in answer.Results)
            {
                var all = (links.Ids.GetValueOrDefault(result.From.Id) ?? []).Concat(
                    result.To.Select(x => x.ToObjectId)
                );
                links.Ids[result.From.Id] = [.. all.Distinct().OrderDescending().Take(most)];
            }

            var next = answer
                .Results.Where(result => result.Paging?.Next?.After is { Length: > 0 })
                .Select(result => new AssociationsInput(result.From.Id, result.Paging!.Next!.After))
                .ToList();
            inputs = rounds < PerPage && !next.SequenceEqual(inputs) ? next : [];
        }

        return links;
    }

    /// <summary>Owners by id, archived ones, too; none where the token may not see them.</summary>
    public async Task<IReadOnlyDictionary<string, Owner>> OwnersAsync(CancellationToken cancellationToken)
    {
        var owners = new Dictionary<string, Owner>(StringComparer.Ordinal);
        foreach (var archived in new[] { true, false })
        {
            var pages = context.Http.PagesByCursorAsync(
                after => root.At($"crm/v3/owners", ("limit", OwnersPerPage), ("after", after), ("archived", archived)),
                HubSpotJson.Default.OwnersAnswer,
                answer => answer.Paging?.Next?.After,
                null,
                cancellationToken
            );
            try
            {
                await foreach (var page in pages)
                {
                    foreach (var owner in page.Body.Results)
                    {
                        var name = $"{owner.FirstName} {owner.LastName}".Trim();
                        owners[owner.Id] = new Owner(name.Length > 0 ? name : owner.Email ?? owner.Id, owner.Email);
                    }
                }
            }
            catch (SourceException exception) when (IsRefused(exception))
            {
                break;
            }
        }

        return owners;
    }

    /// <summary>Labels of a type's pipelines and stages, by id; none where the token may not see them.</summary>
    public async Task<IReadOnlyDictionary<string, string?>> LabelsAsync(
        CrmType type,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var answer = await context.Http.GetJsonAsync(
                root.At($"crm/v3/pipelines/{type.Name}"),
                HubSpotJson.Default.PipelinesAnswer,
                cancellationToken
            );

            // The stages of one pipeline may be called like another one: those of tickets are "1", "2" and so on.
            return answer
                .Results.SelectMany(pipeline =>
                    (pipeline.Stages ?? [])
                        .Select(stage => (Key: $"{pipeline.Id}/{stage.Id}", stage.Label))
                        .Prepend((Key: pipeline.Id, pipeline.Label))
                )
                .DistinctBy(pair => pair.Key)
                .ToDictionary(pair => pair.Key, pair => pair.Label);
        }
        catch (SourceException exception) when (IsRefused(exception))
        {
            return new Dictionary<string, string?>();
        }
    }

    private static async Task<IReadOnlyList<string>> ScopesAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var refusal = await response.ReadJsonAsync(HubSpotJson.Default.Refusal, cancellationToken);
            return [.. (refusal.Errors ?? []).SelectMany(error => error.Context.TextsOf("requiredScopes")).Distinct()];
        }
        catch (SourceException)
        {
            return [];
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string id) =>
        long.TryParse(id, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new SourceException(FailureKind.Source, $"HubSpot names a record '{id}', which is no id.");
}

/// <summary>Links of records.</summary>
/// <param name="Ids">Linked ids by record, newest first.</param>
/// <param name="Failed">Records whose links could not be had, with the reason.</param>
internal sealed record CrmLinks(Dictionary<string, IReadOnlyList<long>> Ids, Dictionary<string, string> Failed);
