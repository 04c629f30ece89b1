using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Http;

namespace Tributary.Engine.Outbound.Browser;

/// <summary>
/// Carries out every request of one page through the connector's own pipeline. The browser itself reaches nothing.
/// </summary>
internal sealed class PageRequests(
    BrowserTab tab,
    Uri page,
    HttpClient own,
    HttpClient bare,
    TimeProvider time,
    CancellationToken cancellationToken
) : IAsyncDisposable
{
    private const long MaxBodyBytes = 20_000_000;
    private const int MaxRequests = 1_000;
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(50);

    // The pipeline sets these itself, or they would tell what draws the page instead of who asks for it.
    private static readonly HashSet<string> _ownHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host",
        "Connection",
        "Content-Length",
        "Transfer-Encoding",
        "User-Agent",
        "Accept-Encoding",
        "Upgrade-Insecure-Requests",
    };

    private readonly CancellationTokenSource _closing = CancellationTokenSource.CreateLinkedTokenSource(
        cancellationToken
    );
    private readonly Lock _sync = new();
    private readonly HashSet<Task> _open = [];
    private long _lastActivity = time.GetTimestamp();
    private volatile bool _hasLoaded;
    private int _count;
    private Exception? _pageFailure;

    /// <summary>Hears the tab's events.</summary>
    public void OnEvent(string name, JsonElement parameters)
    {
        switch (name)
        {
            case "Fetch.requestPaused":
                Begin(() => AnswerAsync(parameters));
                break;
            case "Page.loadEventFired":
                _hasLoaded = true;
                break;
            case "Page.javascriptDialogOpening":
                // A dialog stops the page's scripts until somebody answers.
                Begin(() =>
                    tab.SendAsync("Page.handleJavaScriptDialog", new JsonObject { ["accept"] = false }, _closing.Token)
                );
                break;
        }
    }

    /// <summary>Throws what prevented the page itself from loading.</summary>
    public void ThrowIfPageFailed()
    {
        if (_pageFailure is { } failure)
        {
            throw failure is SourceException source
                ? new SourceException(source.Kind, source.Message, source)
                : failure;
        }
    }

    /// <summary>Waits until the page has loaded and no request has been open for a while, or the deadline.</summary>
    public async Task QuietAsync(TimeSpan quiet, long deadline, CancellationToken token)
    {
        while (time.GetTimestamp() < deadline && !IsQuiet(quiet))
        {
            await Task.Delay(_poll, time, token);
        }

        lock (_sync)
        {
            _lastActivity = time.GetTimestamp();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task[] open;
        lock (_sync)
        {
            open = [.. _open];
        }

        await _closing.CancelAsync();
        await Task.WhenAll(open);
        _closing.Dispose();
    }

    private bool IsQuiet(TimeSpan quiet)
    {
        lock (_sync)
        {
            return _hasLoaded && _open.Count == 0 && time.GetElapsedTime(_lastActivity) >= quiet;
        }
    }

    private void Begin(Func<Task> work)
    {
        lock (_sync)
        {
            if (_closing.IsCancellationRequested)
            {
                return;
            }

            var task = Task.Run(() => GuardedAsync(work), CancellationToken.None);
            _open.Add(task);
            task.ContinueWith(
                ended =>
                {
                    lock (_sync)
                    {
                        _open.Remove(ended);
                        _lastActivity = time.GetTimestamp();
                    }
                },
                TaskScheduler.Default
            );
        }
    }

    private static async Task GuardedAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is SourceException or OperationCanceledException or ObjectDisposedException)
        {
            // The browser has withdrawn the request (it navigates on), or the page is being closed.
        }
    }

    private async Task AnswerAsync(JsonElement paused)
    {
        var id = paused.GetProperty("requestId").GetString()!;
        var type = paused.GetProperty("resourceType").GetString();
        if (type is "Image" or "Media" or "Font" || Interlocked.Increment(ref _count) > MaxRequests)
        {
            await FailAsync(id, "BlockedByClient");
            return;
        }

        var isPage = type == "Document" && paused.GetProperty("frameId").GetString() == tab.MainFrame;
        JsonObject answer;
        try
        {
            answer = await CarryOutAsync(id, paused.GetProperty("request"), isPage);
        }
        catch (Exception e)
            when (e
                    is SourceException
                        or ContentException
                        or InvalidOperationException
                        or FormatException
                        or NotSupportedException
            )
        {
            if (isPage)
            {
                _pageFailure = e;
            }

            await FailAsync(id, "AccessDenied");
            return;
        }

        await tab.SendAsync("Fetch.fulfillRequest", answer, _closing.Token);
    }

    private Task<JsonElement> FailAsync(string id, string reason) =>
        tab.SendAsync(
            "Fetch.failRequest",
            new JsonObject { ["requestId"] = id, ["errorReason"] = reason },
            _closing.Token
        );

    private async Task<JsonObject> CarryOutAsync(string id, JsonElement asked, bool isPage)
    {
        using var request = Translate(asked);
        var uri = request.RequestUri!;
        var client = uri.IsSameOrigin(page) ? own : bare;
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _closing.Token);
        if (isPage)
        {
            ThrowIfRefused(uri, response);
        }

        var body = await response.Content.ReadAsByteArrayAsync(_closing.Token);
        var headers = new JsonArray();
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            // The body is whole and unpacked by now.
            if (name.ToLowerInvariant() is not ("content-length" or "transfer-encoding" or "connection"))
            {
                foreach (var value in values)
                {
                    headers.Add(new JsonObject { ["name"] = name, ["value"] = value });
                }
            }
        }

        return new JsonObject
        {
            ["requestId"] = id,
            ["responseCode"] = (int)response.StatusCode,
            ["responseHeaders"] = headers,
            ["body"] = Convert.ToBase64String(body),
        };
    }

    private static HttpRequestMessage Translate(JsonElement asked)
    {
        var request = new HttpRequestMessage(
            new HttpMethod(asked.GetProperty("method").GetString()!),
            new Uri(asked.GetProperty("url").GetString()!)
        );
        if (PostedBody(asked) is { } posted)
        {
            request.Content = new ByteArrayContent(posted);
        }

        foreach (var header in asked.GetProperty("headers").EnumerateObject())
        {
            if (_ownHeaders.Contains(header.Name) || header.Name.StartsWith("sec-", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            HttpHeaders? target = header.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
                ? request.Content?.Headers
                : request.Headers;
            target?.TryAddWithoutValidation(header.Name, header.Value.GetString());
        }

        // The browser follows redirects itself, so that the page knows its address; each comes back here.
        request.Options.Set(OutboundOptions.FollowRedirects, false);
        request.Options.Set(OutboundOptions.MaxBodyBytes, MaxBodyBytes);
        request.Options.Set(OutboundOptions.MaxAttempts, 2);
        return request;
    }

    private static byte[]? PostedBody(JsonElement asked)
    {
        if (asked.TryGetProperty("postDataEntries", out var entries))
        {
            return
            [
                .. entries
                    .EnumerateArray()
                    .Where(entry => entry.TryGetProperty("bytes", out _))
                    .SelectMany(entry => entry.GetProperty("bytes").GetBytesFromBase64()),
            ];
        }

        return asked.TryGetProperty("postData", out var text) ? Encoding.UTF8.GetBytes(text.GetString()!) : null;
    }

    private static void ThrowIfRefused(Uri uri, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (status >= 400)
        {
            var kind = response.StatusCode switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => FailureKind.Credentials,
                HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => FailureKind.Transient,
                _ => FailureKind.Source,
            };
            throw new SourceException(kind, $"{uri.IdnHost} answered {status} instead of the page.");
        }

        if (
            status >= 300
            && uri.Scheme == Uri.UriSchemeHttps
            && response.Headers.Location is { IsAbsoluteUri: true } target
            && target.Scheme == Uri.UriSchemeHttp
        )
        {
            throw new SourceException(
                FailureKind.Source,
                $"{uri.IdnHost} redirects from https to http ({target.IdnHost}), which is refused because others could read along."
            );
        }
    }
}
