using System.Text;
using System.Text.Json.Nodes;
using Tributary.Sdk;
using Tributary.Sdk.Content;

namespace Tributary.Engine.Outbound.Browser;

/// <summary>Draws pages for one connector. See <see cref="IPageRenderer"/>.</summary>
/// <param name="browser">The process's browser.</param>
/// <param name="own">The connector's client, with whatever credentials its reader has given it: for the page's own origin.</param>
/// <param name="bare">A client of the same limits without credentials: for all other origins.</param>
/// <param name="time">The clock.</param>
/// <param name="times">How long a page may take.</param>
internal sealed class ChromiumRenderer(
    Chromium browser,
    HttpClient own,
    HttpClient bare,
    TimeProvider time,
    RenderTimes? times = null
) : IPageRenderer
{
    private const int MostScrolls = 20;

    private readonly RenderTimes _times = times ?? new RenderTimes();

    /// <inheritdoc />
    public async Task<ReadOnlyMemory<byte>> RenderAsync(Uri page, bool scrollToEnd, CancellationToken cancellationToken)
    {
        if (page.Scheme != Uri.UriSchemeHttp && page.Scheme != Uri.UriSchemeHttps)
        {
            throw new SourceException(
                FailureKind.Configuration,
                $"Addresses that start with {page.Scheme}: cannot be read; use http: or https:."
            );
        }

        try
        {
            return await browser.UseAsync(
                connection => RenderAsync(connection, page, scrollToEnd, cancellationToken),
                cancellationToken
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(
                FailureKind.Source,
                $"The page at {page.IdnHost} did not stop running its scripts and could not be read."
            );
        }
        catch (Exception e) when (e is not (SourceException or ContentException or OperationCanceledException))
        {
            throw new SourceException(
                FailureKind.Transient,
                $"The browser could not draw a page of {page.IdnHost}.",
                e
            );
        }
    }

    private async Task<ReadOnlyMemory<byte>> RenderAsync(
        CdpConnection connection,
        Uri page,
        bool scrollToEnd,
        CancellationToken cancellationToken
    )
    {
        await using var tab = await BrowserTab.OpenAsync(connection, cancellationToken);
        var requests = new PageRequests(tab, page, own, bare, time, cancellationToken);
        await using var _ = requests;
        tab.Listen(requests.OnEvent);
        await tab.SendAsync("Page.enable", [], cancellationToken);
        await tab.SendAsync("Network.enable", [], cancellationToken);
        await tab.SendAsync("Network.setBypassServiceWorker", new JsonObject { ["bypass"] = true }, cancellationToken);
        await tab.SendAsync(
            "Fetch.enable",
            new JsonObject { ["patterns"] = new JsonArray(new JsonObject { ["urlPattern"] = "*" }) },
            cancellationToken
        );

        // The browser answers this when the page's own answer has come, which limits may delay for long.
        var navigating = tab.SendAsync(
            "Page.navigate",
            new JsonObject { ["url"] = page.AbsoluteUri },
            cancellationToken
        );
        var navigated = await navigating;
        requests.ThrowIfPageFailed();
        if (navigated.TryGetProperty("errorText", out var error) && error.GetString() is { Length: > 0 } text)
        {
            throw new SourceException(
                FailureKind.Source,
                $"The browser could not load a page of {page.IdnHost}: {text}."
            );
        }

        var deadline = time.GetTimestamp() + (long)(_times.Most.TotalSeconds * time.TimestampFrequency);
        await requests.QuietAsync(_times.Quiet, deadline, cancellationToken);
        for (var scroll = 0; scrollToEnd && scroll < MostScrolls && time.GetTimestamp() < deadline; scroll++)
        {
            var before = await EvaluateAsync(tab, "document.documentElement.scrollHeight", cancellationToken);
            await EvaluateAsync(tab, "window.scrollTo(0, document.documentElement.scrollHeight)", cancellationToken);
            await requests.QuietAsync(_times.Quiet, deadline, cancellationToken);
            if (await EvaluateAsync(tab, "document.documentElement.scrollHeight", cancellationToken) == before)
            {
                break;
            }
        }

        requests.ThrowIfPageFailed();
        var html = await EvaluateAsync(tab, "document.documentElement.outerHTML", cancellationToken);
        return Encoding.UTF8.GetBytes("<!DOCTYPE html>" + html);
    }

    private async Task<string> EvaluateAsync(BrowserTab tab, string expression, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_times.Answer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var answer = await tab.SendAsync(
            "Runtime.evaluate",
            new JsonObject { ["expression"] = $"String({expression})", ["returnByValue"] = true },
            either.Token
        );
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value.GetString() ?? "" : "";
    }
}
