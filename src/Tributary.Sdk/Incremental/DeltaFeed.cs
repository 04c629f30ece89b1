using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk.Paging;

namespace Tributary.Sdk.Incremental;

/// <summary>Feeds of changes by a token that the source gives out, and forgets after a while.</summary>
public static class DeltaFeed
{
    /// <summary>The changes since a token; where the source has forgotten it, everything.</summary>
    /// <param name="token">The last token; null for everything.</param>
    /// <param name="since">The pages of changes after a token.</param>
    /// <param name="everything">The pages of a full listing, whose last one leads to a new token.</param>
    /// <param name="isExpired">Whether a refusal means that the token is too old; null takes the status 410.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>
    /// Pages, with whether they belong to a full listing. After a token was forgotten, what was deleted meanwhile is not
    /// told by the source: the next prune finds it.
    /// </returns>
    public static async IAsyncEnumerable<(Page<T> Page, bool IsFull)> ReadAsync<T>(
        string? token,
        Func<string, IAsyncEnumerable<Page<T>>> since,
        Func<IAsyncEnumerable<Page<T>>> everything,
        Func<SourceException, bool>? isExpired,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (token is not null)
        {
            await using var changes = since(token).GetAsyncEnumerator(cancellationToken);
            var isForgotten = false;
            while (true)
            {
                try
                {
                    if (!await changes.MoveNextAsync().ConfigureAwait(false))
                    {
                        yield break;
                    }
                }
                catch (SourceException exception)
                    when (isExpired?.Invoke(exception) ?? exception.Status == HttpStatusCode.Gone)
                {
                    isForgotten = true;
                }

                if (isForgotten)
                {
                    break;
                }

                yield return (changes.Current, false);
            }
        }

        await foreach (var page in everything().WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return (page, true);
        }
    }
}
