using Tributary.Api.Http;
using Tributary.Engine.Search;
using Tributary.Sdk.Documents;

namespace Tributary.Api.Clarm.Search;

/// <summary>POST /v1/search.</summary>
internal static class SearchEndpoint
{
    public static void Map(DialectRoutes routes) =>
        routes
            .Map(
                "POST",
                "/v1/search",
                AnswerAsync,
                "Searches, and answers with the best sentences and where they stand"
            )
            .Takes<SearchBody>()
            .Answers<SearchAnswer>();

    private static async Task AnswerAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<SearchBody>();
        var filters = body.Filters ?? new SearchFilters();
        var page = await exchange
            .Get<ISearchService>()
            .SearchAsync(
                exchange.Caller,
                new SearchRequest
                {
                    Query = body.Query,
                    SourceTypes = filters.SourceType,
                    ConnectorIds = filters.SourceIds,
                    CollectionIds = filters.CollectionIds,
                    Owners = filters.Owners,
                    Metadata = filters.Metadata,
                    UpdatedAfter = filters.UpdatedAfter,
                    UpdatedBefore = filters.UpdatedBefore,
                    RecencyBias = body.RecencyBiasMultiplier,
                    Limit = body.Limit,
                    Cursor = body.Cursor,
                },
                exchange.Aborted
            );
        await exchange.WriteAsync(
            new SearchAnswer
            {
                Query = body.Query,
                ChatSessionId = body.ChatSessionId ?? Guid.NewGuid(),
                Answer = ExtractiveAnswer.Of(body.Query, page.Hits),
                Citations = [.. page.Hits.Select(Citation)],
                NextCursor = page.NextCursor,
            },
            ClarmJson.Wire.SearchAnswer
        );
    }

    private static CitationAnswer Citation(SearchHit hit) =>
        new()
        {
            DocumentId = hit.DocumentId,
            ChunkInd = hit.ChunkIndex,
            SemanticIdentifier = hit.Title,
            Blurb = hit.Blurb,
            SourceType = hit.SourceType,
            Boost = hit.Boost,
            Metadata = hit.Metadata,
            MatchHighlights = hit.Highlights,
            Link = hit.Link,
            Score = hit.Score,
            UpdatedAt = hit.UpdatedAt,
            PrimaryOwners = Names(hit.PrimaryOwners),
            SecondaryOwners = Names(hit.SecondaryOwners),
        };

    private static IReadOnlyList<string>? Names(IReadOnlyList<Owner> owners) =>
        owners.Count == 0 ? null : [.. owners.Select(owner => owner.ToString())];
}
