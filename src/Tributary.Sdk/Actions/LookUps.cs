using System.Runtime.CompilerServices;
using Tributary.Sdk.Reading;

namespace Tributary.Sdk.Actions;

/// <summary>A reader that can ask the source's own search, besides; see <see cref="Integration{TConfig, TCredentials}.SearchAction"/>.</summary>
public interface ISearchingReader : IReader
{
    /// <summary>Asks the source's own search, best first.</summary>
    /// <param name="query">The words, as a person typed them.</param>
    /// <param name="limit">More than this are not looked at: 1 to 100.</param>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<FoundItem> SearchAsync(string query, int limit, CancellationToken cancellationToken);
}

/// <summary>A reader that can read a single item, besides; see <see cref="Integration{TConfig, TCredentials}.GetAction"/>.</summary>
public interface ISingleReader : IReader
{
    /// <summary>Reads one item.</summary>
    /// <param name="id">Its id, as a search gives it or a person knows it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Found, deleted, or failed, as in a run.</returns>
    Task<ReadItem> ReadOneAsync(string id, CancellationToken cancellationToken);
}

/// <summary>What a search has found.</summary>
/// <param name="Id">What <see cref="ISingleReader"/> takes.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Link">Where a person opens it.</param>
/// <param name="UpdatedAt">When it changed last; null when the search does not tell.</param>
/// <param name="Excerpt">Some words of it; null when the search gives none.</param>
public sealed record FoundItem(
    string Id,
    string? Title,
    string? Link,
    DateTimeOffset? UpdatedAt = null,
    string? Excerpt = null
);
