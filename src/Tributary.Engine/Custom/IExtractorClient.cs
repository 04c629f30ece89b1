using System.Text.Json;
using Tributary.Engine.Connectors;

namespace Tributary.Engine.Custom;

/// <summary>
/// Asks a custom integration's server for the content of a model. Every call leaves through the connector's outbound
/// client (limits, guard, caps) and has a time limit; retries of an extractor's own policy are done here.
/// </summary>
/// <remarks>
/// A server that is dead, slow, endless or lies ends with a <see cref="Sdk.SourceException"/> in words for people;
/// what it answered against the contract is <see cref="Sdk.FailureKind.Source"/>.
/// </remarks>
public interface IExtractorClient
{
    /// <summary>One page.</summary>
    /// <param name="call">Which model of which connector.</param>
    /// <param name="meta">What the last page left; null at the beginning.</param>
    /// <param name="isDry">A look only (preview): a first page, nothing is to change.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<ExtractorPage> FetchAsync(
        ExtractorCall call,
        JsonElement? meta,
        bool isDry,
        CancellationToken cancellationToken
    );

    /// <summary>How many records there are.</summary>
    Task<long> CountAsync(ExtractorCall call, CancellationToken cancellationToken);

    /// <summary>Sets a model up at the source. Returns what is to be merged into its config; null for nothing, also where the server does not offer the call.</summary>
    /// <exception cref="EngineException">Rejected: the server said that it cannot, and why.</exception>
    Task<JsonElement?> CreateAsync(ExtractorCall call, CancellationToken cancellationToken);

    /// <summary>As <see cref="CreateAsync"/>, for a model whose config has changed.</summary>
    Task<JsonElement?> UpdateAsync(ExtractorCall call, CancellationToken cancellationToken);

    /// <summary>Takes down at the source what <see cref="CreateAsync"/> has set up.</summary>
    Task RemoveAsync(ExtractorCall call, CancellationToken cancellationToken);

    /// <summary>What <see cref="CreateAsync"/> has set up is to rest: its model takes nothing for now.</summary>
    Task PauseAsync(ExtractorCall call, CancellationToken cancellationToken);

    /// <summary>It is to go on.</summary>
    Task ResumeAsync(ExtractorCall call, CancellationToken cancellationToken);
}

/// <summary>Which model of which connector.</summary>
/// <param name="Connector">The connector.</param>
/// <param name="ExtractorSlug">The extractor.</param>
/// <param name="ModelUuid">The model; a fresh one for a preview.</param>
/// <param name="Config">The model's config.</param>
public sealed record ExtractorCall(Connector Connector, string ExtractorSlug, Guid ModelUuid, JsonElement Config);

/// <summary>A page of records.</summary>
public sealed record ExtractorPage
{
    /// <summary>False: the server still prepares it (<c>fetching</c>); ask again with <see cref="Meta"/> later.</summary>
    public bool IsReady { get; init; } = true;

    public IReadOnlyList<ExtractorColumn> Columns { get; init; } = [];
    public string? IdColumnSlug { get; init; }
    public string? TitleColumnSlug { get; init; }
    public string? TimeColumnSlug { get; init; }

    /// <summary>The column whose text makes a record a document that search finds; null for records only.</summary>
    public string? TextColumnSlug { get; init; }

    /// <summary>The column with a record's address for people; null for none.</summary>
    public string? LinkColumnSlug { get; init; }

    public IReadOnlyList<ExtractedRecord> Records { get; init; } = [];
    public bool HasMore { get; init; }

    /// <summary>The position after this page, at most 64 KiB; null for none.</summary>
    public JsonElement? Meta { get; init; }
    public long? Count { get; init; }
}

/// <summary>A column of a model.</summary>
/// <param name="Slug">Its name in records.</param>
/// <param name="Type"><c>string</c>, <c>number</c>, <c>object</c>, <c>array</c>, <c>date</c>, <c>boolean</c>, <c>vector</c> or <c>any</c>.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Description">What it holds; null for none.</param>
public sealed record ExtractorColumn(string Slug, string Type, string Label, string? Description = null);

/// <summary>One record of a page.</summary>
/// <param name="IsRemoved">It is gone at the source.</param>
/// <param name="Overrides">It replaces the stored record; otherwise its members are merged into it.</param>
/// <param name="Record">An object.</param>
public sealed record ExtractedRecord(bool IsRemoved, bool Overrides, JsonElement Record);
