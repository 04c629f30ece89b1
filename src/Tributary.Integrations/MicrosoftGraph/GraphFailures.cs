using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.MicrosoftGraph;

/// <summary>Mailboxes, libraries and channels that fail without the rest of the tenant being in trouble.</summary>
internal static class GraphFailures
{
    /// <summary>Refused, gone, or locked: this one alone. Anything else is the whole source's trouble.</summary>
    public static bool ConcernsOne(SourceException exception) =>
        exception.Status
            is HttpStatusCode.Forbidden
                or HttpStatusCode.NotFound
                or HttpStatusCode.Locked
                or HttpStatusCode.PaymentRequired;

    /// <summary>The items of one part; where it cannot be read on, a failure with its name in their place.</summary>
    public static async IAsyncEnumerable<ReadItem> OrFailed(
        IAsyncEnumerable<ReadItem> items,
        string id,
        string? link,
        string name,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var each = items.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            ReadItem.Failed? failure = null;
            try
            {
                if (!await each.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SourceException exception) when (ConcernsOne(exception))
            {
                failure = new ReadItem.Failed(id, link, $"{name} cannot be read: {exception.Message}");
            }

            yield return failure ?? each.Current;
            if (failure is not null)
            {
                yield break;
            }
        }
    }

    /// <summary>A refusal in words that name the missing permission.</summary>
    public static async Task<T> AllowedAsync<T>(Func<Task<T>> read, string permission, string advice = "")
    {
        try
        {
            return await read();
        }
        catch (SourceException exception)
            when (exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.PaymentRequired
                && exception.Member is null
            )
        {
            throw new SourceException(
                FailureKind.Credentials,
                $"The application lacks the permission {permission}. Add it as an application permission in the Entra admin center and give admin consent.{advice}",
                exception
            )
            {
                Status = exception.Status,
            };
        }
    }
}
