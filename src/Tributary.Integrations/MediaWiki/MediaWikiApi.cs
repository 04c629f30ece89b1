using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.MediaWiki;

/// <summary>One wiki's api.php: logged in to, and asked. See https://www.mediawiki.org/wiki/API:Main_page.</summary>
internal sealed class MediaWikiApi(ReaderContext context, MediaWikiAddress address, MediaWikiCredentials credentials)
{
    private const int MaxWaits = 5;
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // The client keeps no cookies; a session has a few, and they go to the API alone.
    private readonly Dictionary<string, string> _cookies = new(StringComparer.Ordinal);
    private Uri? _api;
    private bool _isLoggedIn;

    /// <summary>Whether pages are read with somebody's rights, so that not everyone may see them.</summary>
    public bool HasLogin => credentials.Username is not null || credentials.AccessToken is not null;

    /// <summary>Finds the API, logs in, and asks what wiki it is. To be called before anything else.</summary>
    public async Task<MediaWikiSite> OpenAsync(CancellationToken cancellationToken)
    {
        _api = await address.FindAsync(context, cancellationToken);
        await LogInAsync(cancellationToken);
        var answer = await QueryAsync(
            new() { ["meta"] = "siteinfo", ["siprop"] = "general|namespaces" },
            cancellationToken
        );
        return answer.Query?.General is { } general
            ? new MediaWikiSite(
                general,
                (answer.Query.Namespaces ?? [])
                    .Values.OfType<WikiNamespace>()
                    .DistinctBy(item => item.Id)
                    .ToDictionary(item => item.Id)
            )
            : throw new SourceException(FailureKind.Source, $"{_api} does not say what wiki it belongs to.");
    }

    /// <summary>Asks for something of action=query.</summary>
    /// <exception cref="SourceException">Also for an error in the answer.</exception>
    public async Task<WikiAnswer> QueryAsync(Dictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        var answer = await CallAsync(new(parameters) { ["action"] = "query" }, cancellationToken);
        return answer.Error is { } error ? throw MediaWikiErrors.ExceptionOf(error, _api!) : answer;
    }

    /// <summary>Every answer to a query that is continued, each with the parameters that continue after it.</summary>
    public async IAsyncEnumerable<(WikiAnswer Answer, Dictionary<string, string>? Next)> AnswersAsync(
        Dictionary<string, string> query,
        IReadOnlyDictionary<string, string>? next,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var parameters = new Dictionary<string, string>(query);
            foreach (var (name, value) in next ?? new Dictionary<string, string>())
            {
                parameters[name] = value;
            }

            var answer = await QueryAsync(parameters, cancellationToken);
            var following = answer.Continue?.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
            if (following?.Count == next?.Count && following?.Except(next!).Any() == false)
            {
                throw new SourceException(FailureKind.Source, $"{_api} continues its listing with where it stands.");
            }

            yield return (answer, following);
            if (following is null)
            {
                yield break;
            }

            next = following;
        }
    }

    /// <summary>The pages of a query in complete batches, each with the parameters that continue after it.</summary>
    public async IAsyncEnumerable<WikiBatch> BatchesAsync(
        Dictionary<string, string> query,
        IReadOnlyDictionary<string, string>? next,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var pages = new Dictionary<(long, string?), WikiPage>();
        await foreach (var (answer, following) in AnswersAsync(query, next, cancellationToken))
        {
            foreach (var page in (answer.Query?.Pages ?? []).OfType<WikiPage>())
            {
                var key = (page.PageId, page.Title);
                pages[key] = pages.TryGetValue(key, out var earlier) ? earlier.MergedWith(page) : page;
            }

            if (answer.BatchComplete || following is null)
            {
                yield return new WikiBatch([.. pages.Values], following);
                pages.Clear();
            }
        }
    }

    /// <summary>A page as its visitors see it; an error that concerns this page alone is in the answer.</summary>
    public Task<WikiAnswer> ParseAsync(long pageId, CancellationToken cancellationToken) =>
        CallAsync(
            new()
            {
                ["action"] = "parse",
                ["pageid"] = $"{pageId}",
                ["prop"] = "text|revid|categories",
                ["disableeditsection"] = "1",
                ["disabletoc"] = "1",
                ["disablelimitreport"] = "1",
            },
            cancellationToken
        );

    /// <summary>The source of a page, for wikis that show it in no other way; null when it is gone or hidden.</summary>
    public async Task<WikiPage?> SourceAsync(long pageId, CancellationToken cancellationToken)
    {
        var answer = await QueryAsync(
            new()
            {
                ["pageids"] = $"{pageId}",
                ["prop"] = "revisions|categories",
                ["rvprop"] = "ids|content",
                ["rvslots"] = "main",
                ["cllimit"] = "max",
                ["clprop"] = "hidden",
            },
            cancellationToken
        );
        return answer.Query?.Pages is [{ Missing: false, LastRevision.Source: not null } page] ? page : null;
    }

    /// <summary>A page's plain text, of wikis with the extension TextExtracts; null when there is none.</summary>
    public async Task<string?> ExtractAsync(long pageId, CancellationToken cancellationToken)
    {
        var answer = await CallAsync(
            new()
            {
                ["action"] = "query",
                ["pageids"] = $"{pageId}",
                ["prop"] = "extracts",
                ["explaintext"] = "1",
                ["exlimit"] = "1",
            },
            cancellationToken
        );
        return answer.Query?.Pages is [{ Extract: { } extract }, ..] && !string.IsNullOrWhiteSpace(extract)
            ? extract
            : null;
    }

    /// <summary>Calls, waiting where the wiki asks for it, and logging in again when the session has ended.</summary>
    private async Task<WikiAnswer> CallAsync(Dictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        parameters["maxlag"] = "5";
        if (HasLogin)
        {
            parameters["assert"] = "user";
        }

        var mayLogInAgain = _isLoggedIn;
        for (var wait = 1; ; wait++)
        {
            var (answer, retryAfter) = await SendAsync(HttpMethod.Get, parameters, cancellationToken);
            switch (answer.Error?.Code)
            {
                // Overload comes with status 200, which the HTTP client takes for success: so the wait is ours.
                case "maxlag" or "ratelimited" when wait <= MaxWaits:
                    var delay = retryAfter ?? UsualWait;
                    await Task.Delay(delay < LongestWait ? delay : LongestWait, context.Time, cancellationToken);
                    continue;
                case "assertuserfailed" when mayLogInAgain:
                    mayLogInAgain = false;
                    await LogInAsync(cancellationToken);
                    continue;
                case { } code when MediaWikiErrors.ConcernsEverything(code):
                    throw MediaWikiErrors.ExceptionOf(answer.Error, _api!);
                default:
                    return answer;
            }
        }
    }

    private async Task LogInAsync(CancellationToken cancellationToken)
    {
        if (credentials is not { Username: { } username, Password: { } password })
        {
            return;
        }

        _cookies.Clear();
        var (tokens, _) = await SendAsync(
            HttpMethod.Get,
            new()
            {
                ["action"] = "query",
                ["meta"] = "tokens",
                ["type"] = "login",
            },
            cancellationToken
        );
        var (answer, _) = await SendAsync(
            HttpMethod.Post,
            new()
            {
                ["action"] = "login",
                ["lgname"] = username,
                ["lgpassword"] = password,
                ["lgtoken"] = tokens.Query?.Tokens?.LoginToken ?? "",
            },
            cancellationToken
        );
        if (answer.Login is not { Result: "Success" })
        {
            throw MediaWikiErrors.LoginFailed(answer, _api!);
        }

        _isLoggedIn = true;
    }

    private async Task<(WikiAnswer Answer, TimeSpan? RetryAfter)> SendAsync(
        HttpMethod method,
        Dictionary<string, string> parameters,
        CancellationToken cancellationToken
    )
    {
        using var form = new FormUrlEncodedContent(
            parameters.Append(new("format", "json")).Append(new("formatversion", "2"))
        );
        using var request = new HttpRequestMessage(method, _api);
        if (method == HttpMethod.Post)
        {
            request.Content = form;
        }
        else
        {
            request.RequestUri = new UriBuilder(_api!) { Query = await form.ReadAsStringAsync(cancellationToken) }.Uri;
        }

        if (credentials.AccessToken is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        else if (_cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(pair => $"{pair.Key}={pair.Value}")));
        }

        using var response = await context.Http.SendCheckedAsync(request, cancellationToken);
        if (response.Headers.TryGetValues("Set-Cookie", out var cookies) && credentials.Username is not null)
        {
            foreach (
                var parts in cookies.Select(cookie => cookie.Split(';')[0].Split('=', 2)).Where(p => p.Length == 2)
            )
            {
                _cookies[parts[0].Trim()] = parts[1].Trim();
            }
        }

        var answer = await response.ReadJsonAsync(MediaWikiJson.Default.WikiAnswer, cancellationToken);
        return (answer, response.Headers.RetryAfter?.Delta);
    }
}

/// <summary>Pages that were listed together, complete.</summary>
/// <param name="Pages">In no order.</param>
/// <param name="Next">The parameters that continue after them; null when there are no more.</param>
internal sealed record WikiBatch(IReadOnlyList<WikiPage> Pages, IReadOnlyDictionary<string, string>? Next);
