using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tributary.Sdk.Http;

namespace Tributary.Sdk.Authenticating;

/// <summary>
/// Requests to OAuth 2 token endpoints, and what their answers mean for people. Of what an endpoint says about an error
/// only its code is repeated: descriptions may quote what was sent.
/// </summary>
public static partial class TokenEndpoint
{
    private const long MaxAnswerBytes = 1 << 20;

    /// <summary>Asks for tokens.</summary>
    /// <returns>The endpoint's answer, which holds a usable <c>access_token</c>.</returns>
    /// <exception cref="SourceException">There are none; the message says why and what to do, and holds no secret.</exception>
    public static async Task<JsonElement> AskAsync(
        HttpClient http,
        TokenRequest request,
        CancellationToken cancellationToken
    )
    {
        using var message = MessageOf(request);
        using var response = await http.SendAnyAsync(message, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var host = message.RequestUri!.IdnHost;
        if (Parse(body) is not { ValueKind: JsonValueKind.Object } answer)
        {
            throw Unreadable(host, response);
        }

        if (ErrorOf(answer, response.StatusCode) is { } error)
        {
            throw TokenError.InWords(host, error, request.Cure);
        }

        if (!response.IsSuccessStatusCode)
        {
            throw Unreadable(host, response);
        }

        return Text(answer, "access_token") is { Length: > 0 } token && token.All(c => c is > ' ' and <= '~')
            ? answer
            : throw new SourceException(
                FailureKind.Source,
                $"The token endpoint at {host} answered without a usable access token. Check that its address is right."
            );
    }

    /// <summary>The tokens of an answer.</summary>
    /// <param name="answer">What <see cref="AskAsync"/> has given.</param>
    /// <param name="refreshToken">The refresh token that holds when the answer brings no other.</param>
    /// <param name="time">The clock.</param>
    public static TokenSet TokensOf(JsonElement answer, string? refreshToken, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new TokenSet
        {
            AccessToken = Text(answer, "access_token")!,
            RefreshToken = Text(answer, "refresh_token") is { Length: > 0 } rotated ? rotated : refreshToken,
            RenewAt = LifeOf(answer) is { } life ? TokenSet.RenewalOf(time.GetUtcNow(), life) : null,
        };
    }

    /// <summary>How long the access token lives; null when the answer does not say.</summary>
    public static TimeSpan? LifeOf(JsonElement answer) =>
        double.TryParse(Text(answer, "expires_in"), CultureInfo.InvariantCulture, out var seconds)
        && seconds is > 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>The text or number at a path such as <c>team.id</c>; null when there is none.</summary>
    public static string? Text(JsonElement answer, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        foreach (var name in path.Split('.'))
        {
            if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty(name, out answer))
            {
                return null;
            }
        }

        return answer.ValueKind switch
        {
            JsonValueKind.String => answer.GetString(),
            JsonValueKind.Number => answer.GetRawText(),
            _ => null,
        };
    }

    internal static JsonElement? Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What an answer means that is not what token endpoints say.</summary>
    internal static SourceException Unreadable(string host, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return status switch
        {
            >= 500 or 429 or 408 => new SourceException(
                FailureKind.Transient,
                $"The token endpoint at {host} answered {status}: it has a fault of its own or is busy; the next run tries again."
            ),
            401 or 403 => new SourceException(
                FailureKind.Credentials,
                $"The token endpoint at {host} answered {status}: it does not know the client, or its secret is wrong or has expired. Check both."
            ),
            404 or 410 => new SourceException(
                FailureKind.Configuration,
                $"There is no token endpoint at {host} ({status}): check the address, and the tenant or instance in it."
            ),
            _ => new SourceException(
                FailureKind.Source,
                $"The token endpoint at {host} answered {status} with something other than the JSON of token endpoints: check its address, and whether a login page or a proxy stands in between."
            ),
        };
    }

    /// <summary>A request to an endpoint of tokens: bounded, and not led elsewhere, since it holds secrets.</summary>
    internal static HttpRequestMessage Message(string url, bool canBeRepeated)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, Origin.Of(url)[0]);
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        message.Options.Set(OutboundOptions.FollowRedirects, false);
        message.Options.Set(OutboundOptions.MaxBodyBytes, MaxAnswerBytes);
        message.Options.Set(OutboundOptions.OnlyReads, canBeRepeated);
        return message;
    }

    private static HttpRequestMessage MessageOf(TokenRequest request)
    {
        var message = Message(request.Url, request.CanBeRepeated);
        foreach (var (name, value) in request.Headers)
        {
            message.Headers.Add(name, value);
        }

        var fields = new List<KeyValuePair<string, string>>(request.Fields);
        if (request.Client is { } client)
        {
            if (request.SecretIn == ClientSecretIn.Basic && client.ClientSecret.Length > 0)
            {
                // RFC 6749, 2.3.1: both are form-encoded first.
                message.Headers.Authorization = new AuthenticationHeaderValue(
                    "Basic",
                    Convert.ToBase64String(
                        Encoding.UTF8.GetBytes(
                            $"{Uri.EscapeDataString(client.ClientId)}:{Uri.EscapeDataString(client.ClientSecret)}"
                        )
                    )
                );
            }
            else
            {
                fields.Add(new("client_id", client.ClientId));
                if (client.ClientSecret.Length > 0)
                {
                    fields.Add(new("client_secret", client.ClientSecret));
                }
            }
        }

        message.Content = request.SendsJson
            ? new StringContent(
                new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)f.Value))).ToJsonString(),
                Encoding.UTF8,
                "application/json"
            )
            : new FormUrlEncodedContent(fields);
        return message;
    }

    /// <summary>The error's code, with Microsoft's own number where there is one; null when the answer is none.</summary>
    private static string? ErrorOf(JsonElement answer, HttpStatusCode status)
    {
        string[] names = ["error", "code", "status", "category"];
        var code = names
            .Select(name => Text(answer, name))
            .FirstOrDefault(text => text is { Length: > 0 and <= 64 } && Code().IsMatch(text));
        var isSaid =
            (answer.TryGetProperty("ok", out var ok) && ok.ValueKind == JsonValueKind.False)
            || (answer.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null);
        if (!isSaid)
        {
            // Some vendors word the errors of tokens like those of their API.
            return status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                ? code
                : null;
        }

        code ??= "unknown_error";
        return Text(answer, "error_description") is { } description && Entra().Match(description) is { Success: true } m
            ? $"{code} {m.Value}"
            : code;
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.-]+$")]
    private static partial Regex Code();

    [GeneratedRegex("AADSTS[0-9]{4,9}")]
    private static partial Regex Entra();
}

/// <summary>A request to a token endpoint. Not a record: it is never printed.</summary>
public sealed class TokenRequest
{
    /// <summary>The endpoint.</summary>
    public required string Url { get; init; }

    /// <summary>The grant's fields, <c>grant_type</c> among them.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; }

    /// <summary>The client that asks; null when the fields say who.</summary>
    public OAuthClient? Client { get; init; }

    /// <summary>Where the client's secret goes.</summary>
    public ClientSecretIn SecretIn { get; init; }

    /// <summary>The fields go as JSON instead of a form.</summary>
    public bool SendsJson { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Asking twice does no harm. False for codes and refresh tokens, which may work only once.</summary>
    public bool CanBeRepeated { get; init; }

    /// <summary>What a person can do when the endpoint refuses; a sentence or two.</summary>
    public required string Cure { get; init; }
}
