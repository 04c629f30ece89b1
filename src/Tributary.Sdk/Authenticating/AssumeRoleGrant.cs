using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Tributary.Sdk.Http;

namespace Tributary.Sdk.Authenticating;

/// <summary>Keys of a role from STS. They are kept as tokens are: the access token is the three keys as JSON.</summary>
/// <param name="source">The keys that may assume the role; null where a token in a file may (web identity, as in Kubernetes).</param>
/// <param name="tokenFile">That file, which is written anew from time to time.</param>
/// <param name="roleArn">The role.</param>
/// <param name="region">The region whose STS is asked.</param>
/// <param name="stsUrl">Another address of STS.</param>
/// <param name="externalId">What the role's trust asks for.</param>
internal sealed partial class AssumeRoleGrant(
    AwsKeys? source,
    string? tokenFile,
    string roleArn,
    string region,
    string? stsUrl,
    string? externalId
) : TokenGrant
{
    private const string SessionName = "tributary";

    internal override IEnumerable<string?> Identity =>
        source switch
        {
            FixedAwsKeys { Keys: var keys } => [keys.AccessKeyId, keys.SecretAccessKey, .. Own],
            RoleAwsKeys { Grant: var grant } => [.. grant.Identity, .. Own],
            _ => [tokenFile, .. Own],
        };

    private string?[] Own => [roleArn, region, stsUrl, externalId];

    internal override string Cure =>
        $"Check that the role {roleArn} exists, and that its trust policy lets these keys assume it.";

    internal override async Task<TokenSet> FetchAsync(
        TokenSet? kept,
        TokenChannel channel,
        string? subject,
        CancellationToken cancellationToken
    )
    {
        List<KeyValuePair<string, string>> fields =
        [
            new("Action", source is null ? "AssumeRoleWithWebIdentity" : "AssumeRole"),
            new("Version", "2011-06-15"),
            new("RoleArn", roleArn),
            new("RoleSessionName", SessionName),
            new("DurationSeconds", "3600"),
        ];
        if (externalId is not null)
        {
            fields.Add(new("ExternalId", externalId));
        }

        if (source is null)
        {
            fields.Add(new("WebIdentityToken", await TokenInFileAsync(cancellationToken).ConfigureAwait(false)));
        }

        using var message = TokenEndpoint.Message(
            stsUrl ?? $"https://sts.{region}.amazonaws.com/",
            canBeRepeated: true
        );
        message.Headers.Accept.Clear();
        message.Content = new FormUrlEncodedContent(fields);
        var now = channel.Time.GetUtcNow();
        if (source is not null)
        {
            var keys = source is RoleAwsKeys { Grant: var first }
                ? KeysOf(await first.FetchAsync(null, channel, null, cancellationToken).ConfigureAwait(false))
                : ((FixedAwsKeys)source).Keys;
            var body = await message.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            AwsSigner.Sign(message, body, keys, region, "sts", now);
        }

        using var response = await channel.Http.SendAnyAsync(message, cancellationToken).ConfigureAwait(false);
        var answered = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode && Parse(answered) is { } answer && TokensOf(answer, now) is { } tokens
                ? tokens
            : response.IsSuccessStatusCode || (int)response.StatusCode >= 500
                ? throw TokenEndpoint.Unreadable(message.RequestUri!.IdnHost, response)
            : throw Refused(message.RequestUri!.IdnHost, Parse(answered));
    }

    private async Task<string> TokenInFileAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(tokenFile!, cancellationToken).ConfigureAwait(false)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SourceException(
                FailureKind.Configuration,
                "The server's token for AWS cannot be read: the file that AWS_WEB_IDENTITY_TOKEN_FILE names is not there, or is not the server's to read.",
                exception
            );
        }
    }

    /// <summary>The keys in what was kept.</summary>
    public static AwsKeySet KeysOf(TokenSet tokens)
    {
        using var json = JsonDocument.Parse(tokens.AccessToken);
        var keys = json.RootElement;
        return new AwsKeySet(keys[0].GetString()!, keys[1].GetString()!, keys[2].GetString());
    }

    private static TokenSet? TokensOf(XElement answer, DateTimeOffset now) =>
        Find(answer, "AccessKeyId") is { } id
        && Find(answer, "SecretAccessKey") is { } secret
        && Find(answer, "SessionToken") is { } session
        && DateTimeOffset.TryParse(
            Find(answer, "Expiration"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var expiresAt
        )
            ? new TokenSet
            {
                AccessToken = JsonSerializer.Serialize<string[]>([id, secret, session]),
                RenewAt = TokenSet.RenewalOf(now, expiresAt - now),
            }
            : null;

    private SourceException Refused(string host, XElement? error)
    {
        var code =
            error is not null && Find(error, "Code") is { } text && Code().IsMatch(text) ? text : "no reason given";
        return code == "Throttling"
            ? new SourceException(FailureKind.Transient, $"{host} is busy ({code}); the next run tries again.")
            : new SourceException(FailureKind.Credentials, $"{host} gives no keys of the role ({code}). {Cure}");
    }

    private static string? Find(XElement root, string name) =>
        root.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

    private static XElement? Parse(Stream body)
    {
        try
        {
            using var reader = XmlReader.Create(
                body,
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null }
            );
            return XElement.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[A-Za-z0-9.]{1,64}$")]
    private static partial Regex Code();
}
