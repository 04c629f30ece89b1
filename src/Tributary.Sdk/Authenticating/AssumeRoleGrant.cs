using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Tributary.Sdk.Http;

namespace Tributary.Sdk.Authenticating;

/// <summary>Keys of a role from STS. They are kept as tokens are: the access token is the three keys as JSON.</summary>
internal sealed partial class AssumeRoleGrant(
    AwsKeySet source,
    string roleArn,
    string region,
    string? stsUrl,
    string? externalId
) : TokenGrant
{
    private const string SessionName = "tributary";

    internal override IEnumerable<string?> Identity =>
        [source.AccessKeyId, source.SecretAccessKey, roleArn, region, stsUrl, externalId];

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
            new("Action", "AssumeRole"),
            new("Version", "2011-06-15"),
            new("RoleArn", roleArn),
            new("RoleSessionName", SessionName),
            new("DurationSeconds", "3600"),
        ];
        if (externalId is not null)
        {
            fields.Add(new("ExternalId", externalId));
        }

        using var message = TokenEndpoint.Message(
            stsUrl ?? $"https://sts.{region}.amazonaws.com/",
            canBeRepeated: true
        );
        message.Headers.Accept.Clear();
        message.Content = new FormUrlEncodedContent(fields);
        var now = channel.Time.GetUtcNow();
        AwsSigner.Sign(
            message,
            await message.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false),
            source,
            region,
            "sts",
            now
        );
        using var response = await channel.Http.SendAnyAsync(message, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode && Parse(body) is { } answer && TokensOf(answer, now) is { } tokens ? tokens
            : response.IsSuccessStatusCode || (int)response.StatusCode >= 500
                ? throw TokenEndpoint.Unreadable(message.RequestUri!.IdnHost, response)
            : throw Refused(message.RequestUri!.IdnHost, Parse(body));
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
