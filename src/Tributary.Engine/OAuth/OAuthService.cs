using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Connectors;
using Tributary.Engine.Outbound;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.OAuth;

/// <inheritdoc cref="IOAuthService"/>
internal sealed class OAuthService(
    IIntegrationCatalog catalog,
    OAuthClients clients,
    TicketOffice tickets,
    IOutboundHttp outbound,
    TimeProvider time
) : IOAuthService
{
    private const string ReferencePrefix = "oauth-reference-";

    public async Task<Uri> InitiateAsync(Caller caller, string integrationSlug, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var (slug, facts, client) = Find(integrationSlug);
        var verifier = Secret();
        var state = Secret();
        await tickets
            .IssueAsync(caller, slug, TicketKind.State, state, Encoding.UTF8.GetBytes(verifier), cancellationToken)
            .ConfigureAwait(false);
        var parameters = new List<KeyValuePair<string, string>>
        {
            new("response_type", "code"),
            new("client_id", client.ClientId),
            new("redirect_uri", client.RedirectUri!),
            new("state", state),
        };
        if (facts.Scopes.Count > 0)
        {
            parameters.Add(new("scope", string.Join(facts.ScopeSeparator, facts.Scopes)));
        }

        if (facts.UsesPkce)
        {
            var challenge = SHA256.HashData(Encoding.ASCII.GetBytes(verifier));
            parameters.Add(new("code_challenge", Base64Url.EncodeToString(challenge)));
            parameters.Add(new("code_challenge_method", "S256"));
        }

        parameters.AddRange(facts.AuthorizeParameters);
        var address = new UriBuilder(client.AuthorizeUrl ?? facts.AuthorizeUrl);
        var query = string.Join(
            '&',
            parameters.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}")
        );
        address.Query = address.Query.Length > 1 ? $"{address.Query[1..]}&{query}" : query;
        return address.Uri;
    }

    public async Task<OAuthCompletion> CompleteAsync(
        Caller caller,
        string integrationSlug,
        IReadOnlyDictionary<string, string> parameters,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        var (slug, facts, client) = Find(integrationSlug);
        var verifier =
            await tickets
                .RedeemAsync(
                    caller,
                    slug,
                    TicketKind.State,
                    parameters.GetValueOrDefault("state", ""),
                    cancellationToken
                )
                .ConfigureAwait(false)
            ?? throw Failed(
                "This sign-in is not one that you have begun in the last ten minutes, or it is complete already. Begin it again."
            );
        if (parameters.ContainsKey("error"))
        {
            throw Failed(
                "The sign-in was refused there, or broken off. Begin it again, and agree to what is asked for."
            );
        }

        if (!parameters.TryGetValue("code", out var code) || code.Length == 0)
        {
            throw Failed(
                "The redirect brought no code. All of its query parameters have to be handed on, code among them."
            );
        }

        var answer = await SwapAsync(facts, client, code, Encoding.UTF8.GetString(verifier), cancellationToken)
            .ConfigureAwait(false);
        var reference = ReferencePrefix + Secret();
        var credentials = OAuthAnswer.CredentialsOf(answer, facts, client, time.GetUtcNow());
        await tickets
            .IssueAsync(
                caller,
                slug,
                TicketKind.Reference,
                reference,
                JsonSerializer.SerializeToUtf8Bytes(credentials),
                cancellationToken
            )
            .ConfigureAwait(false);
        return new OAuthCompletion(reference, OAuthAnswer.MembersOf(answer, facts.ConfigFromAnswer));
    }

    public async Task<JsonElement> ResolveAsync(
        Caller caller,
        string integrationSlug,
        JsonElement credentials,
        CancellationToken cancellationToken
    )
    {
        if (credentials.ValueKind != JsonValueKind.Object)
        {
            return credentials;
        }

        var member = credentials.EnumerateObject().Where(IsReference).Select(found => found.Name).FirstOrDefault();
        if (member is null)
        {
            return credentials;
        }

        var reference = credentials.GetProperty(member).GetString()!;
        var slug = catalog.Find(integrationSlug)?.Manifest.Slug ?? integrationSlug;
        var tokens =
            await tickets
                .RedeemAsync(caller, slug, TicketKind.Reference, reference, cancellationToken)
                .ConfigureAwait(false)
            ?? throw new EngineException([
                new SettingsProblem(
                    ["credentials", member],
                    "value_error",
                    "This sign-in was used already, is older than ten minutes, or is not yours. Sign in again"
                ),
            ]);
        var result = JsonNode.Parse(credentials.GetRawText())!.AsObject();
        result.Remove(member);
        foreach (var (name, value) in JsonNode.Parse(tokens)!.AsObject())
        {
            result[name] = value?.DeepClone();
        }

        return JsonSerializer.SerializeToElement(result);
    }

    private static bool IsReference(JsonProperty member) =>
        member.Value.ValueKind == JsonValueKind.String
        && member.Value.GetString()!.StartsWith(ReferencePrefix, StringComparison.Ordinal);

    private async Task<JsonElement> SwapAsync(
        OAuthFacts facts,
        OAuthClient client,
        string code,
        string verifier,
        CancellationToken cancellationToken
    )
    {
        List<KeyValuePair<string, string>> fields =
        [
            new("grant_type", "authorization_code"),
            new("code", code),
            new("redirect_uri", client.RedirectUri!),
        ];
        if (facts.UsesPkce)
        {
            fields.Add(new("code_verifier", verifier));
        }

        using var http = outbound.For(new OutboundProfile(0, [], null));
        try
        {
            return await TokenEndpoint
                .AskAsync(
                    http.Http,
                    new TokenRequest
                    {
                        Url = client.TokenUrl ?? facts.TokenUrl,
                        Fields = fields,
                        Client = client,
                        SecretIn = facts.SecretIn,
                        SendsJson = facts.SendsJson,
                        Headers = facts.TokenHeaders,
                        Cure = "Begin the sign-in again.",
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (SourceException exception)
        {
            throw Failed(exception.Message);
        }
    }

    private (string Slug, OAuthFacts Facts, OAuthClient Client) Find(string integrationSlug)
    {
        var manifest =
            catalog.Find(integrationSlug)?.Manifest
            ?? throw new OAuthException(
                OAuthProblem.IntegrationNotFound,
                $"There is no integration '{integrationSlug}'."
            );
        var facts =
            manifest.OAuth
            ?? throw new OAuthException(
                OAuthProblem.NotSupported,
                $"{manifest.Name} has no sign-in by OAuth; give its credentials instead."
            );
        return clients.Find(manifest.Slug) is { RedirectUri: not null } client
            ? (manifest.Slug, facts, client)
            : throw new OAuthException(
                OAuthProblem.FailedToInitiate,
                $"The operator of this server has configured no OAuth client for {manifest.Name}. TRIBUTARY_OAUTH_CLIENTS needs an entry \"{manifest.Slug}\" with client_id, client_secret and redirect_uri."
            );
    }

    private static string Secret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static OAuthException Failed(string message) => new(OAuthProblem.FailedToComplete, message);
}
