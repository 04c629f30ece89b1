using System.Net;
using System.Text;
using Tributary.Engine.Outbound.Body;

namespace Tributary.Engine.Outbound.Retry;

/// <summary>
/// Limits that an answer tells in its body alone, behind a status that means something else: Linear's 400 with the code
/// RATELIMITED, GitHub's 403 that speaks of a secondary rate limit, Google's 403 with the reason rateLimitExceeded.
/// </summary>
internal static class LimitInBody
{
    // Refusals are short; of a longer one the beginning tells.
    private const int MostBytes = 64 * 1024;

    private static readonly HttpRequestOptionsKey<TimeSpan> _wait = new("tributary.limit-in-body");

    // GitHub asks for a minute at least where it names no time; the others do not say.
    private static readonly (string Words, TimeSpan Wait)[] _limits =
    [
        ("secondary rate limit", TimeSpan.FromMinutes(1)),
        ("\"RATELIMITED\"", TimeSpan.FromSeconds(5)),
        ("\"rateLimitExceeded\"", TimeSpan.FromSeconds(5)),
        ("\"userRateLimitExceeded\"", TimeSpan.FromSeconds(5)),
    ];

    /// <summary>How long to wait, when an answer's body was found to speak of a limit; null when it was not.</summary>
    public static TimeSpan? Of(HttpResponseMessage response) =>
        response.RequestMessage is { } request && request.Options.TryGetValue(_wait, out var wait) ? wait : null;

    /// <summary>Looks into the JSON body of a refusal, which readers get all the same.</summary>
    public static async Task LookAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.RequestMessage is not { } request)
        {
            return;
        }

        // Of the attempt before.
        ((IDictionary<string, object?>)request.Options).Remove(_wait.Key);
        if (
            response.StatusCode is not (HttpStatusCode.BadRequest or HttpStatusCode.Forbidden)
            || response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) != true
            || response.Content is not BodyContent { Body: var body }
        )
        {
            return;
        }

        var text = Encoding.UTF8.GetString((await body.PeekAsync(MostBytes, cancellationToken)).Span);
        foreach (var (words, wait) in _limits)
        {
            if (text.Contains(words, StringComparison.OrdinalIgnoreCase))
            {
                request.Options.Set(_wait, wait);
                return;
            }
        }
    }
}
