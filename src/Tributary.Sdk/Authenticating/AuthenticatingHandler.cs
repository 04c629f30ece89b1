using System.Net;
using System.Net.Http.Json;

namespace Tributary.Sdk.Authenticating;

/// <summary>
/// Sends a connector's requests with its credentials. It stands inside of whatever follows redirects, so that each hop is
/// judged by its own address.
/// </summary>
/// <remarks>
/// A token that is refused with 401 is renewed once and the request repeated; when that is refused too, the request ends
/// with a <see cref="SourceException"/> of kind <see cref="FailureKind.Credentials"/>. Other answers, 401 for credentials
/// that do not change among them, are handed on.
/// </remarks>
public sealed class AuthenticatingHandler(Authentication authentication, ITokenVault vault, TokenChannel channel)
    : DelegatingHandler
{
    /// <summary>Vendors take signatures of up to 15 minutes; one that waited for a limit may have grown older.</summary>
    private static readonly TimeSpan OldSignature = TimeSpan.FromMinutes(5);

    private volatile LastTokens? _last;

    /// <inheritdoc />
    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        var isAnonymous = request.Options.TryGetValue(AuthenticationRequests.Anonymous, out var asked) && asked;
        switch (isAnonymous ? null : authentication.For(request.RequestUri!))
        {
            case HeaderAuthentication part:
                foreach (var (name, value) in part.Values)
                {
                    Set(request, name, value);
                }

                return base.SendAsync(request, cancellationToken);
            case QueryAuthentication part:
                return SendWithQueryAsync(request, part, cancellationToken);
            case TokenAuthentication part:
                return SendWithTokenAsync(request, part.Grant, cancellationToken);
            case AwsAuthentication part:
                return SendSignedAsync(request, part, cancellationToken);
            default:
                return base.SendAsync(request, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> SendWithQueryAsync(
        HttpRequestMessage request,
        QueryAuthentication part,
        CancellationToken cancellationToken
    )
    {
        var plain = request.RequestUri!;
        var added = $"{Uri.EscapeDataString(part.Name)}={Uri.EscapeDataString(part.Value)}";
        request.RequestUri = new UriBuilder(plain)
        {
            Query = plain.Query.Length > 1 ? $"{plain.Query[1..]}&{added}" : added,
        }.Uri;
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Nobody who shows the request's address later on shows the key.
            request.RequestUri = plain;
        }
    }

    private async Task<HttpResponseMessage> SendWithTokenAsync(
        HttpRequestMessage request,
        TokenGrant grant,
        CancellationToken cancellationToken
    )
    {
        request.Options.TryGetValue(AuthenticationRequests.Subject, out var subject);
        var tokens = await TokensAsync(grant, subject, null, cancellationToken).ConfigureAwait(false);
        Set(request, "Authorization", $"Bearer {tokens.AccessToken}");
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        response.Dispose();
        var host = request.RequestUri!.IdnHost;
        var renewed = await TokensAsync(grant, subject, tokens.AccessToken, cancellationToken).ConfigureAwait(false);
        if (!CanBeSentAgain(request.Content))
        {
            throw new SourceException(
                FailureKind.Transient,
                $"{host} refused the access token in the middle of an upload, which cannot be repeated. The token was renewed; the next run tries again."
            );
        }

        Set(request, "Authorization", $"Bearer {renewed.AccessToken}");
        response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        response.Dispose();
        throw new SourceException(
            FailureKind.Credentials,
            $"{host} refuses even a new access token (401). {grant.Cure}"
        );
    }

    private async Task<HttpResponseMessage> SendSignedAsync(
        HttpRequestMessage request,
        AwsAuthentication part,
        CancellationToken cancellationToken
    )
    {
        var region = request.Options.TryGetValue(AuthenticationRequests.Region, out var learned)
            ? learned
            : part.Region;
        for (var isFirst = true; ; isFirst = false)
        {
            var keys = await KeysAsync(part.Keys, cancellationToken).ConfigureAwait(false);
            var body = await BodyOfAsync(request.Content, cancellationToken).ConfigureAwait(false);
            var signedAt = channel.Time.GetTimestamp();
            AwsSigner.Sign(request, body, keys, region, part.Service, channel.Time.GetUtcNow());
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var mayBeOld =
                response.StatusCode == HttpStatusCode.Forbidden && channel.Time.GetElapsedTime(signedAt) > OldSignature;
            if (!isFirst || !mayBeOld || !CanBeSentAgain(request.Content))
            {
                return response;
            }

            response.Dispose();
        }
    }

    private async Task<AwsKeySet> KeysAsync(AwsKeys keys, CancellationToken cancellationToken)
    {
        if (keys is not RoleAwsKeys role)
        {
            return ((FixedAwsKeys)keys).Keys;
        }

        var tokens = await TokensAsync(role.Grant, null, null, cancellationToken).ConfigureAwait(false);
        return AssumeRoleGrant.KeysOf(tokens);
    }

    private async Task<TokenSet> TokensAsync(
        TokenGrant grant,
        string? subject,
        string? refused,
        CancellationToken cancellationToken
    )
    {
        var key = TokenKey.Of(grant, subject);
        if (
            _last is { } last
            && last.Key == key
            && last.Tokens.IsFresh(channel.Time.GetUtcNow())
            && last.Tokens.AccessToken != refused
        )
        {
            return last.Tokens;
        }

        var tokens = await vault.GetAsync(key, refused, RenewAsync, cancellationToken).ConfigureAwait(false);
        _last = new LastTokens(key, tokens);
        return tokens;

        async Task<TokenSet> RenewAsync(TokenSet? kept, CancellationToken cancellation)
        {
            var initial = kept is null ? grant.Initial(channel.Time) : null;
            return initial is not null && initial.IsFresh(channel.Time.GetUtcNow()) && initial.AccessToken != refused
                ? initial
                : await grant.FetchAsync(kept, channel, subject, cancellation).ConfigureAwait(false);
        }
    }

    private static void Set(HttpRequestMessage request, string name, string value)
    {
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, value);
    }

    private static async Task<byte[]?> BodyOfAsync(HttpContent? content, CancellationToken cancellationToken) =>
        content is null ? []
        : CanBeSentAgain(content) ? await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false)
        : null;

    /// <summary>Whether a body gives the same bytes each time that it is sent. A stream does not.</summary>
    private static bool CanBeSentAgain(HttpContent? content) =>
        content is null or ByteArrayContent or ReadOnlyMemoryContent or JsonContent;

    private sealed record LastTokens(string Key, TokenSet Tokens);
}
