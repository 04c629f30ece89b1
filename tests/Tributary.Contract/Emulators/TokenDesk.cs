using System.Collections.Concurrent;
using System.Text;
using Tributary.Sdk.Authenticating;

namespace Tributary.Contract.Emulators;

/// <summary>A vendor's token endpoint for those who have signed in: what it is sent has to be what the vendor documents.</summary>
/// <param name="path">Where it is, below the emulator's prefix, or from the host's root where that is elsewhere.</param>
public sealed class TokenDesk(string path)
{
    private int _generation = 1;
    private int _renewals;
    private bool _isRevoked;

    /// <summary>The client that people consented to.</summary>
    public static OAuthClient Client { get; } = new() { ClientId = "the client", ClientSecret = "its secret & more" };

    public string Path => path;

    /// <summary>It takes JSON instead of a form.</summary>
    public bool TakesJson { get; init; }

    /// <summary>The client is named in a header instead of the body.</summary>
    public bool TakesBasic { get; init; }

    /// <summary>A refresh token works once, and each answer brings the next.</summary>
    public bool Rotates { get; init; } = true;

    /// <summary>The API refuses old tokens in another way than by 401.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Seconds that an access token lives, as it is told.</summary>
    public int Life { get; init; } = 3600;

    /// <summary>What the tokens of a generation look like.</summary>
    public Func<int, string> TokenOf { get; init; } = number => $"access-{number}";

    /// <summary>The answer: access token, refresh token (null when it stays the same), seconds.</summary>
    public Func<string, string?, int, object> Answer { get; init; } =
        (access, refresh, life) =>
            EmulatorAnswer.Sparse(
                new
                {
                    access_token = access,
                    refresh_token = refresh,
                    token_type = "bearer",
                    expires_in = life,
                }
            );

    /// <summary>The answer to a refresh token that does not work.</summary>
    public EmulatorAnswer Refusal { get; init; } = EmulatorAnswer.Json(new { error = "invalid_grant" }, 400);

    /// <summary>A header that it insists on.</summary>
    public string? Header { get; init; }

    /// <summary>Refresh tokens that it was sent, in order.</summary>
    public ConcurrentQueue<string> Sent { get; } = new();

    /// <summary>What was wrong with requests.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    public string AccessToken => TokenOf(_generation);

    public string RefreshToken => Rotates ? $"refresh-{_renewals}" : "refresh";

    /// <summary>How often tokens were given out.</summary>
    public int Renewals => _renewals;

    /// <summary>The access token that was given out is worthless from now on.</summary>
    public bool Expire() => ++_generation > 0;

    /// <summary>Who has signed in has taken it back.</summary>
    public void Revoke()
    {
        _isRevoked = true;
        Expire();
    }

    /// <summary>Counts the access tokens that expired, from 1 on.</summary>
    public int Generation => _generation;

    public bool IsGood(EmulatorCall call) => call.Header("Authorization") == $"Bearer {AccessToken}";

    /// <summary>Service accounts are others' business.</summary>
    internal bool Takes(string method, string asked, byte[] body) =>
        method == "POST" && asked == path && body.AsSpan().IndexOf("assertion="u8) < 0;

    internal EmulatorAnswer Renew(EmulatorCall call)
    {
        var isJson = call.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true;
        var fields = isJson
            ? call.Json.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.ToString())
            : call.Form;
        var (id, secret) = (fields.GetValueOrDefault("client_id"), fields.GetValueOrDefault("client_secret"));
        if (TakesBasic && call.Header("Authorization") is ['B', 'a', 's', 'i', 'c', ' ', .. var encoded])
        {
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(encoded)).Split(':');
            (id, secret) = (Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]));
        }

        Expect(isJson == TakesJson, "the body is of the wrong kind");
        Expect(fields.GetValueOrDefault("grant_type") == "refresh_token", "grant_type");
        Expect(TakesBasic != fields.ContainsKey("client_id"), "the client is named in the wrong place");
        Expect((id, secret) == (Client.ClientId, Client.ClientSecret), "the client is another");
        Expect(Header is null || call.Header(Header) is not null, $"the header {Header} is missing");
        var sent = fields.GetValueOrDefault("refresh_token") ?? "";
        Sent.Enqueue(sent);
        if (_isRevoked || sent != RefreshToken)
        {
            return Refusal;
        }

        _renewals++;
        return EmulatorAnswer.Json(Answer(AccessToken, Rotates ? RefreshToken : null, Life));
    }

    private void Expect(bool isSo, string complaint)
    {
        if (!isSo)
        {
            Complaints.Enqueue(complaint);
        }
    }
}
