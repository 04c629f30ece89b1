using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Sdk.Authenticating;

namespace Tributary.Engine.OAuth;

/// <summary>Where the parts of a token endpoint's answer land.</summary>
internal static class OAuthAnswer
{
    /// <summary>The credentials' members, as the manifest says.</summary>
    public static JsonObject CredentialsOf(JsonElement answer, OAuthFacts facts, OAuthClient client, DateTimeOffset now)
    {
        var token = TokenEndpoint.Text(answer, "access_token");
        var refresh = TokenEndpoint.Text(answer, "refresh_token");
        var expiresAt = now + TokenEndpoint.LifeOf(answer);
        var result = MembersOf(answer, facts.CredentialsFromAnswer);
        foreach (var (member, value) in facts.FixedCredentials)
        {
            result[member] = value;
        }

        if (facts.TokensAsJson)
        {
            result[facts.AccessTokenMember] = new JsonObject
            {
                ["token"] = token,
                ["refresh_token"] = refresh,
                ["token_uri"] = client.TokenUrl ?? facts.TokenUrl,
                ["scopes"] = new JsonArray([.. facts.Scopes.Select(scope => (JsonNode)scope)]),
                ["expiry"] = expiresAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            }.ToJsonString();
            return result;
        }

        result[facts.AccessTokenMember] = token;
        if (facts.RefreshTokenMember is { } refreshMember && refresh is not null)
        {
            result[refreshMember] = refresh;
        }

        if (facts.ExpiresAtMember is { } expiryMember && expiresAt is { } expiry)
        {
            result[expiryMember] = expiry.ToUnixTimeSeconds();
        }

        return result;
    }

    /// <summary>Members by their paths; those that the answer does not have are left out.</summary>
    public static JsonObject MembersOf(JsonElement answer, IReadOnlyDictionary<string, string> paths)
    {
        var result = new JsonObject();
        foreach (var (member, path) in paths)
        {
            if (TokenEndpoint.Text(answer, path) is { } value)
            {
                result[member] = value;
            }
        }

        return result;
    }
}
