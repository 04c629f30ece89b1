using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Google;

/// <summary>Tokens of a person who signed in, or the key of a service account.</summary>
public sealed record GoogleCredentials : IValidatable
{
    /// <summary>A person's tokens.</summary>
    [Description(
        "Tokens of a person who signed in, as JSON text: token, refresh_token, token_uri, client_id, client_secret."
    )]
    [Secret]
    public string? GoogleTokens { get; init; }

    /// <summary>A service account.</summary>
    [Description("Key file of a service account, as JSON text.")]
    [Secret]
    public string? GoogleServiceAccountKey { get; init; }

    /// <summary>Who is acted for.</summary>
    [Description(
        "E-mail address of the administrator whom the service account acts for, or of the person who signed in."
    )]
    [Example("admin@example.com")]
    public string? GooglePrimaryAdmin { get; init; }

    /// <summary>How the credentials came about.</summary>
    [Description("How the credentials came about: oauth_interactive or uploaded.")]
    [Advanced]
    public string? AuthenticationMethod { get; init; }

    /// <summary>Whether a service account acts for users of a domain.</summary>
    internal bool Delegates => IsServiceAccount && Admin is not null;

    internal bool IsServiceAccount => !string.IsNullOrWhiteSpace(GoogleServiceAccountKey);

    /// <summary>The administrator to act as; null where the service account is to act as itself.</summary>
    internal string? Admin =>
        GooglePrimaryAdmin?.Trim() is { Length: > 0 } admin
        && !string.Equals(admin, Text(GoogleServiceAccountKey, "client_email"), StringComparison.OrdinalIgnoreCase)
            ? admin
            : null;

    internal string? Token => Text(GoogleTokens, "token") ?? Text(GoogleTokens, "access_token");

    internal string? RefreshToken => Text(GoogleTokens, "refresh_token");

    internal string? ClientId => Text(GoogleTokens, "client_id");

    internal string? ClientSecret => Text(GoogleTokens, "client_secret");

    /// <summary>The token endpoint that the credentials name.</summary>
    internal string? TokenUri => Text(IsServiceAccount ? GoogleServiceAccountKey : GoogleTokens, "token_uri");

    internal DateTimeOffset? Expiry =>
        DateTimeOffset.TryParse(
            Text(GoogleTokens, "expiry"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time
            : null;

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (IsServiceAccount)
        {
            if (
                Text(GoogleServiceAccountKey, "client_email") is null
                || Text(GoogleServiceAccountKey, "private_key") is null
            )
            {
                yield return SettingsProblem.Of(
                    "google_service_account_key",
                    "Should be the whole JSON file of a service account's key, with client_email and private_key"
                );
            }
        }
        else if (string.IsNullOrWhiteSpace(GoogleTokens))
        {
            yield return SettingsProblem.Of(
                "google_tokens",
                "Should be given, or google_service_account_key in its place"
            );
        }
        else if (Token is null && RefreshToken is null)
        {
            yield return SettingsProblem.Of(
                "google_tokens",
                "Should be a JSON object as text with token or refresh_token"
            );
        }
    }

    private static string? Text(string? json, string member)
    {
        try
        {
            using var document = JsonDocument.Parse(json ?? "null");
            return
                document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(member, out var value)
                && value.ValueKind == JsonValueKind.String
                && value.GetString() is { Length: > 0 } text
                ? text
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
