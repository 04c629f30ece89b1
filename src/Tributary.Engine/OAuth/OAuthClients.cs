using System.Text.Json;
using Tributary.Sdk.Authenticating;

namespace Tributary.Engine.OAuth;

/// <summary>The OAuth clients that the operator has registered with vendors, by integration.</summary>
public sealed class OAuthClients
{
    private readonly Dictionary<string, OAuthClient> _clients;

    private OAuthClients(Dictionary<string, OAuthClient> clients) => _clients = clients;

    /// <summary>The one of an integration; null when there is none.</summary>
    public OAuthClient? Find(string integrationSlug) => _clients.GetValueOrDefault(integrationSlug);

    /// <summary>Reads the setting.</summary>
    /// <param name="setting">A JSON object <c>{slug: {client_id, client_secret?, redirect_uri?, authorize_url?, token_url?}}</c>, or the path of a file that holds one; empty for none.</param>
    /// <exception cref="FormatException">It is neither; the message says what is wrong, without what it holds.</exception>
    public static OAuthClients Parse(string setting)
    {
        var text = setting.Trim();
        if (text.Length == 0)
        {
            return new OAuthClients([]);
        }

        try
        {
            using var json = JsonDocument.Parse(text.StartsWith('{') ? text : File.ReadAllText(text));
            return new OAuthClients(
                json.RootElement.EnumerateObject()
                    .ToDictionary(entry => entry.Name, entry => Client(entry.Name, entry.Value), StringComparer.Ordinal)
            );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FormatException(
                "It is no JSON object, and there is no file of this name that can be read. Give {\"slug\": {\"client_id\": …, \"client_secret\": …, \"redirect_uri\": …}} or the path of a file that holds it."
            );
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // Not the parser's words: they may quote a secret.
            throw new FormatException(
                "It is not a JSON object of the form {\"slug\": {\"client_id\": …, \"client_secret\": …, \"redirect_uri\": …}}."
            );
        }
    }

    private static OAuthClient Client(string slug, JsonElement entry)
    {
        var known = (string[])["client_id", "client_secret", "redirect_uri", "authorize_url", "token_url"];
        var other = entry.EnumerateObject().Select(member => member.Name).Except(known).FirstOrDefault();
        if (other is not null)
        {
            throw new FormatException($"{slug} has the member \"{other}\"; known are {string.Join(", ", known)}.");
        }

        foreach (var address in known[2..])
        {
            if (Text(address) is { } url && !Uri.TryCreate(url, UriKind.Absolute, out _))
            {
                throw new FormatException(
                    $"{slug}.{address} is not a whole address such as https://example.com/callback."
                );
            }
        }

        return new OAuthClient
        {
            ClientId = Text("client_id") is { Length: > 0 } id
                ? id
                : throw new FormatException($"{slug} lacks its client_id."),
            ClientSecret = Text("client_secret") ?? "",
            RedirectUri = Text("redirect_uri"),
            AuthorizeUrl = Text("authorize_url"),
            TokenUrl = Text("token_url"),
        };

        string? Text(string name) => entry.TryGetProperty(name, out var value) ? value.GetString() : null;
    }
}
