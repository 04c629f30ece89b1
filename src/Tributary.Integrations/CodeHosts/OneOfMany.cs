using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.CodeHosts;

/// <summary>A repository among others, whose refusal does not stop them.</summary>
internal static class OneOfMany
{
    /// <summary>Hands on what is read; a refusal that concerns this one alone becomes a failure.</summary>
    /// <param name="items">What is read of it.</param>
    /// <param name="link">Where a person can look at it.</param>
    /// <param name="isItsOwn">Whether a refusal concerns this one alone.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<ReadItem> ReadAsync(
        IAsyncEnumerable<ReadItem> items,
        string link,
        Func<SourceException, bool> isItsOwn,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var each = items.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            SourceException? refusal = null;
            try
            {
                if (!await each.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SourceException exception) when (isItsOwn(exception))
            {
                refusal = exception;
            }

            if (refusal is not null)
            {
                yield return new ReadItem.Failed(link, link, refusal.Message);
                yield break;
            }

            yield return each.Current;
        }
    }
}
