using System.Net;
using System.Text;
using Tributary.Sdk;
using Tributary.Sdk.Content;

namespace Tributary.Integrations.Web;

/// <summary>Each host's robots.txt, fetched once a pass (and again after a day). Safe for concurrent use.</summary>
internal sealed class RobotsCache(SiteHttp http, bool isRespected, TimeProvider time)
{
    private const int MaxHosts = 1_000;
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);
    private static readonly HostRules NoRules = new(RobotsTxt.Empty, null);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (DateTimeOffset At, Task<HostRules> Rules)> _hosts = [];

    /// <summary>The rules for an address; no rules when they are not to be respected.</summary>
    /// <param name="url">A normalised address.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<HostRules> ForAsync(string url, CancellationToken cancellationToken) =>
        isRespected ? FetchedAsync(url, cancellationToken) : Task.FromResult(NoRules);

    /// <summary>The sitemaps that the host's robots.txt names, whether its rules are respected or not.</summary>
    public async Task<HostRules> NamedSitemapsAsync(string url, CancellationToken cancellationToken) =>
        await FetchedAsync(url, cancellationToken);

    private Task<HostRules> FetchedAsync(string url, CancellationToken cancellationToken)
    {
        var origin = new UrlParts(url).Origin.ToString();
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_hosts.TryGetValue(origin, out var known) && now - known.At < MaxAge)
            {
                return known.Rules;
            }

            if (_hosts.Count >= MaxHosts)
            {
                _hosts.Clear();
            }

            var rules = FetchAsync(origin, cancellationToken);
            _hosts[origin] = (now, rules);
            return rules;
        }
    }

    // RFC 9309, 2.3.1: 4xx means no limits; 5xx and silence forbid everything, since nobody knows what is forbidden.
    private async Task<HostRules> FetchAsync(string origin, CancellationToken cancellationToken)
    {
        try
        {
            var (response, _) = await http.FollowAsync(
                new Uri(origin + "/robots.txt"),
                new SiteRequest(64 * RobotsTxt.MaxBytes),
                cancellationToken
            );
            using (response)
            {
                if ((int)response.StatusCode >= 500 || response.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    return Outage(origin, $"it answers {(int)response.StatusCode}");
                }

                return response.IsSuccessStatusCode
                    ? new HostRules(
                        RobotsTxt.Parse(await TextAsync(response, cancellationToken), http.ProductToken),
                        null
                    )
                    : NoRules;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Outage(origin, "it did not answer in time");
        }
        catch (Exception error)
            when (error is HttpRequestException or IOException or TimeoutException or ContentException)
        {
            return Outage(origin, error.Message);
        }
        catch (SourceException error)
        {
            return new HostRules(RobotsTxt.Empty, error);
        }
    }

    private static HostRules Outage(string origin, string why) =>
        new(
            RobotsTxt.Empty,
            new SourceException(
                FailureKind.Transient,
                $"{origin}/robots.txt cannot be read: {why}. Until it can, nothing of that host is read; "
                    + "set respect_robots to false if the site is yours and has none."
            )
        );

    private static async Task<string> TextAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[RobotsTxt.MaxBytes];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}

/// <summary>What a host allows.</summary>
/// <param name="Rules">Its robots.txt.</param>
/// <param name="Outage">Why it could not be had: then nothing is allowed.</param>
internal sealed record HostRules(RobotsTxt Rules, SourceException? Outage)
{
    /// <summary>Whether a normalised address may be fetched.</summary>
    public bool Allows(string url) => Rules.Allows(new UrlParts(url).PathAndQuery.ToString());
}
