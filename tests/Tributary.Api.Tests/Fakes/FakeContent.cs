using System.Globalization;
using System.Security.Cryptography;
using Tributary.Engine;
using Tributary.Engine.Collections;
using Tributary.Engine.Files;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Search;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Api.Tests.Fakes;

internal sealed class FakePush(FakeEngine engine) : IPushService
{
    public Task<IReadOnlyList<PushedDocument>> PushAsync(
        Caller caller,
        long? connectorId,
        IReadOnlyList<Document> documents,
        CancellationToken cancellationToken
    )
    {
        engine.Demand(caller, Role.Editor);
        documents.Count.ShouldBeLessThanOrEqualTo(1_000);
        var owner = connectorId is { } id ? engine.Connector(caller, id).Id : 0;
        return Task.FromResult<IReadOnlyList<PushedDocument>>([
            .. documents.Select(document =>
            {
                var existed = engine.Documents.ContainsKey(document.Id);
                engine.Documents[document.Id] = (owner, document);
                return new PushedDocument(document.Id, existed, document.Sections.Count);
            }),
        ]);
    }

    public Task DeleteAsync(Caller caller, string documentId, CancellationToken cancellationToken)
    {
        engine.Demand(caller, Role.Editor);
        return engine.Documents.TryRemove(documentId, out _)
            ? Task.CompletedTask
            : throw EngineException.NotFound("Document not found");
    }

    public Task<IReadOnlyList<DocumentSummary>> ListAsync(
        Caller caller,
        long? connectorId,
        long afterKey,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (connectorId is { } id)
        {
            engine.Connector(caller, id);
        }

        return Task.FromResult<IReadOnlyList<DocumentSummary>>([
            .. engine
                .Documents.Values.Where(row => connectorId is null || row.ConnectorId == connectorId)
                .Select(row => row.Document)
                .OrderBy(document => document.Id, StringComparer.Ordinal)
                .Select(
                    (document, i) =>
                        new DocumentSummary(
                            i + 1,
                            document.Id,
                            document.Title ?? document.Id,
                            document.Link,
                            document.SourceType ?? "ingestion_api",
                            document.UpdatedAt
                        )
                )
                .Where(document => document.Key > afterKey)
                .Take(limit),
        ]);
    }
}

internal sealed class FakeSearch(FakeEngine engine) : ISearchService
{
    public Task<SearchPage> SearchAsync(Caller caller, SearchRequest request, CancellationToken cancellationToken)
    {
        engine.Searches.Enqueue(request);
        var hits = engine
            .Documents.Values.Select(row => row.Document)
            .Where(document => document.Sections.Any(section => section.Text.Contains(request.Query)))
            .Take(request.Limit)
            .Select(document => new SearchHit
            {
                DocumentId = document.Id,
                ChunkIndex = 0,
                Title = document.Title!,
                Text = string.Join('\n', document.Sections.Select(section => section.Text)),
                Blurb = document.Sections[0].Text,
                Highlights = [$"<hi>{request.Query}</hi>"],
                Link = document.Link,
                SourceType = "ingestion_api",
                Score = 0.5,
                Metadata = document.Metadata,
                PrimaryOwners = document.PrimaryOwners,
                SecondaryOwners = document.SecondaryOwners,
                UpdatedAt = document.UpdatedAt,
            })
            .ToList();
        return Task.FromResult(new SearchPage(hits, hits.Count == request.Limit ? "more" : null));
    }
}

internal sealed class FakeCollections(FakeEngine engine) : ICollectionService
{
    public Task<Collection> CreateAsync(
        Caller caller,
        string name,
        IReadOnlyList<long> connectorIds,
        CancellationToken cancellationToken
    )
    {
        engine.Demand(caller, Role.Editor);
        if (engine.Collections.Values.Any(known => known.Name == name))
        {
            throw new EngineException(RefusalKind.Rejected, $"There is a collection '{name}' already.");
        }

        var id = engine.NextId();
        return Task.FromResult(engine.Collections[id] = Make(caller, id, name, connectorIds));
    }

    public Task<Collection> GetAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        engine.Collections.TryGetValue(id, out var collection)
            ? Task.FromResult(collection)
            : throw EngineException.NotFound($"There is no collection {id}.");

    public Task<Collection?> FindByNameAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Collections.Values.FirstOrDefault(known => known.Name == name));

    public Task<IReadOnlyList<Collection>> ListAsync(
        Caller caller,
        long afterId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<Collection>>([
            .. engine.Collections.Values.Where(known => known.Id > afterId).OrderBy(known => known.Id).Take(limit),
        ]);

    public async Task<Collection> UpdateAsync(
        Caller caller,
        long id,
        string? name,
        IReadOnlyList<long>? connectorIds,
        CancellationToken cancellationToken
    )
    {
        engine.Demand(caller, Role.Editor);
        var known = await GetAsync(caller, id, cancellationToken);
        var ids = connectorIds ?? [.. known.Connectors.Select(connector => connector.Id)];
        return engine.Collections[id] = Make(caller, id, name ?? known.Name, ids);
    }

    public async Task DeleteAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        engine.Demand(caller, Role.Editor);
        await GetAsync(caller, id, cancellationToken);
        engine.Collections.TryRemove(id, out _);
    }

    private Collection Make(Caller caller, long id, string name, IReadOnlyList<long> connectorIds) =>
        new(id, name, [.. connectorIds.Select(member => engine.Connector(caller, member))], engine.Time.GetUtcNow());
}

internal sealed class FakeVault(FakeEngine engine) : IFileVault
{
    public async Task<StoredFile> SaveAsync(
        Caller caller,
        string name,
        string? contentType,
        Stream content,
        CancellationToken cancellationToken
    )
    {
        engine.Demand(caller, Role.Editor);
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellationToken);
        var id = engine.NextId().ToString("x8", CultureInfo.InvariantCulture);
        var hash = Convert.ToHexStringLower(SHA256.HashData(copy.ToArray()));
        return engine.Files[id] = new StoredFile(id, name, contentType, copy.Length, engine.Time.GetUtcNow(), hash);
    }

    public Task<StoredFile> GetAsync(Caller caller, string fileId, CancellationToken cancellationToken) =>
        engine.Files.TryGetValue(fileId, out var file)
            ? Task.FromResult(file)
            : throw EngineException.NotFound($"There is no file {fileId}.");

    public Task<Stream> OpenAsync(Caller caller, string fileId, CancellationToken cancellationToken) =>
        Task.FromResult(Stream.Null);

    public Task<IReadOnlyList<StoredFile>> ListAsync(
        Caller caller,
        string afterId,
        int limit,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<StoredFile>>([
            .. engine
                .Files.Values.Where(file => string.CompareOrdinal(file.Id, afterId) > 0)
                .OrderBy(file => file.Id, StringComparer.Ordinal)
                .Take(limit),
        ]);

    public async Task DeleteAsync(Caller caller, string fileId, CancellationToken cancellationToken)
    {
        engine.Demand(caller, Role.Editor);
        await GetAsync(caller, fileId, cancellationToken);
        engine.Files.TryRemove(fileId, out _);
    }
}
