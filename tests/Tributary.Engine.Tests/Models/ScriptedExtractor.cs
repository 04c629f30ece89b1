using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine.Catalog;
using Tributary.Engine.Custom;

namespace Tributary.Engine.Tests.Models;

/// <summary>An extractor whose pages and behaviour a test decides. Its meta is the number of the next record.</summary>
public sealed class ScriptedExtractor : IExtractorClient
{
    public int PageSize { get; set; } = 10;

    /// <summary>What is live, in the order in which it is paged.</summary>
    public List<object> Items { get; } = [];

    /// <summary>The column whose text search finds; null for records only.</summary>
    public string? TextColumn { get; set; } = "body";

    /// <summary>Called with the number of the call before it is answered; may throw, or answer itself.</summary>
    public Func<int, ExtractorCall, JsonElement?, Task<ExtractorPage?>> BeforePage { get; set; } =
        (_, _, _) => Task.FromResult<ExtractorPage?>(null);

    /// <summary>The metas that pages were asked with.</summary>
    public List<string?> Metas { get; } = [];

    /// <summary>What was set up and taken down at the source.</summary>
    public List<string> SetUps { get; } = [];

    public JsonElement? ExtraConfig { get; set; }

    /// <summary>What setting up, pausing and taking down ends with; null when it succeeds.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>The extractors of the integrations, which are custom ones then; null leaves them what they are.</summary>
    public Dictionary<string, ExtractorDescription>? Offered { get; set; }

    /// <summary>Nobody knows the integrations any more.</summary>
    public bool IsGone { get; set; }

    /// <summary>Takes the place of the real client and directory.</summary>
    public void AddTo(IServiceCollection services) =>
        services
            .AddSingleton<IExtractorClient>(this)
            .AddSingleton<IIntegrationDirectory>(provider => new ScriptedDirectory(
                provider.GetRequiredService<BuiltInDescriptions>(),
                this
            ));

    public async Task<ExtractorPage> FetchAsync(
        ExtractorCall call,
        JsonElement? meta,
        bool isDry,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var number = Metas.Count;
        Metas.Add(meta?.GetRawText());
        if (await BeforePage(number, call, meta).WaitAsync(cancellationToken) is { } answer)
        {
            return answer;
        }

        var from = meta?.GetProperty("next").GetInt32() ?? 0;
        var next = Math.Min(from + PageSize, Items.Count);
        return Page(Items.Skip(from).Take(PageSize), next < Items.Count, new { next });
    }

    public ExtractorPage Page(IEnumerable<object> records, bool hasMore, object? meta, bool overrides = true) =>
        new()
        {
            Columns =
            [
                new("key", "string", "Key"),
                new("name", "string", "Name"),
                new("body", "string", "Body"),
                new("size", "number", "Size"),
            ],
            IdColumnSlug = "key",
            TitleColumnSlug = "name",
            TextColumnSlug = TextColumn,
            LinkColumnSlug = "url",
            TimeColumnSlug = "changed",
            Records =
            [
                .. records.Select(record =>
                    record as ExtractedRecord ?? new(false, overrides, JsonSerializer.SerializeToElement(record))
                ),
            ],
            HasMore = hasMore,
            Meta = meta is null ? null : JsonSerializer.SerializeToElement(meta),
        };

    public Task<long> CountAsync(ExtractorCall call, CancellationToken cancellationToken) =>
        Task.FromResult<long>(Items.Count);

    public Task<JsonElement?> CreateAsync(ExtractorCall call, CancellationToken cancellationToken) => SetUp("create");

    public Task<JsonElement?> UpdateAsync(ExtractorCall call, CancellationToken cancellationToken) => SetUp("update");

    public Task RemoveAsync(ExtractorCall call, CancellationToken cancellationToken) => SetUp("remove");

    public Task PauseAsync(ExtractorCall call, CancellationToken cancellationToken) => SetUp("pause");

    public Task ResumeAsync(ExtractorCall call, CancellationToken cancellationToken) => SetUp("resume");

    private Task<JsonElement?> SetUp(string what)
    {
        SetUps.Add(what);
        return Refusal is null ? Task.FromResult(ExtraConfig) : Task.FromException<JsonElement?>(Refusal);
    }
}

/// <summary>A test's integrations, as custom ones with extractors once the test offers some.</summary>
public sealed class ScriptedDirectory(BuiltInDescriptions builtIn, ScriptedExtractor extractor) : IIntegrationDirectory
{
    public ValueTask<IntegrationDescription?> FindAsync(
        long workspaceId,
        string slug,
        CancellationToken cancellationToken
    ) =>
        ValueTask.FromResult(
            extractor.IsGone ? null
            : extractor.Offered is { } offered ? builtIn.Find(slug)! with { IsCustom = true, Extractors = offered }
            : builtIn.Find(slug)
        );

    public Task<IReadOnlyList<IntegrationDescription>> ListAsync(
        long workspaceId,
        CancellationToken cancellationToken
    ) => Task.FromResult(builtIn.Visible);

    public static ExtractorDescription Extractor(
        bool isIncremental = false,
        bool appends = false,
        bool isFetch = true,
        int? minInterval = null,
        bool autoFetch = true,
        string preview = "records",
        RetryDescription? fetching = null
    ) =>
        new()
        {
            Name = "Things",
            Description = "",
            Config = new SchemaPair(
                JsonElement.Parse("""{"type":"object","properties":{"folder":{"type":"string"}}}""")
            ),
            Mode = new ExtractorMode(
                isFetch,
                isIncremental,
                MinIntervalInSeconds: minInterval,
                AutoFetch: autoFetch,
                Appends: appends,
                AutoIngest: !isFetch
            ),
            Preview = preview,
            FetchingRetry = fetching,
        };
}
