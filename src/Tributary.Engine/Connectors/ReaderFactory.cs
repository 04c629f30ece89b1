using System.Text.Json;
using Tributary.Engine.Files;
using Tributary.Engine.OAuth;
using Tributary.Engine.Outbound;
using Tributary.Engine.Runs;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Content;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Connectors;

/// <summary>Makes readers: settings typed, and everything in reach that a reader may touch.</summary>
internal sealed class ReaderFactory(
    IIntegrationCatalog catalog,
    IOutboundHttp outbound,
    FileVault files,
    IHtmlConverter html,
    IContainerOpener containers,
    TokenKeeper tokens,
    OAuthClients oauthClients,
    Allowances allowances,
    TimeProvider time
)
{
    /// <summary>Reads config and credentials into their types, and lists every mistake in both.</summary>
    /// <exception cref="EngineException">There are mistakes; paths start with <c>config</c> or <c>credentials</c>.</exception>
    public TypedSettings Bind(string integrationSlug, JsonElement config, JsonElement credentials)
    {
        var integration =
            catalog.Find(integrationSlug)
            ?? throw new EngineException(
                RefusalKind.Rejected,
                $"This version cannot read sources of type '{integrationSlug}' yet. GET /v1/sources/types lists those that it can."
            );
        var problems = new List<SettingsProblem>();
        var unknown = integration.Manifest.AcceptsAnySettings ? UnknownMembers.Ignored : UnknownMembers.Refused;
        var typedConfig = Read(integration.ConfigType, config, unknown, "config", problems);
        var typedCredentials = Read(integration.CredentialsType, credentials, unknown, "credentials", problems);
        return problems.Count == 0
            ? new TypedSettings(integration, typedConfig!, typedCredentials!)
            : throw new EngineException(problems);
    }

    /// <summary>The credentials' type of an integration; null when this version does not know it.</summary>
    public Type? FindCredentialsType(string integrationSlug) => catalog.Find(integrationSlug)?.CredentialsType;

    /// <summary>Opens a reader.</summary>
    /// <param name="settings">Of the connector.</param>
    /// <param name="workspaceId">Whose files it may read.</param>
    /// <param name="connectorId">Whose requests they are; 0 for one that does not exist yet.</param>
    /// <param name="limit">The connector's own rate limit.</param>
    /// <param name="known">What is stored of its documents.</param>
    /// <param name="work">Its work list.</param>
    /// <param name="credential">The uuid that its credential will have, when it does not exist yet.</param>
    public OpenReader Open(
        TypedSettings settings,
        long workspaceId,
        long connectorId,
        RateLimit? limit,
        IKnownDocuments known,
        IWorkList work,
        Guid? credential = null
    )
    {
        var vault = tokens.For(workspaceId, connectorId, credential);
        // Somebody waits for the check of a connector that does not exist yet; for a run nobody does.
        var client = Client(settings, workspaceId, connectorId, limit, vault, waits: connectorId != 0);
        var context = Context(client, workspaceId, known, work);
        return new OpenReader(
            settings.Integration.CreateReader(context, settings.Config, settings.Credentials),
            client,
            vault
        );
    }

    /// <summary>Opens what an action may touch, and the client that it sends with.</summary>
    public (ReaderContext Context, OutboundClient Client) OpenForUse(TypedSettings settings, Connector connector)
    {
        var client = OpenClient(settings, connector);
        return (Context(client, connector.WorkspaceId, NothingKnown.Instance, new TransientWorkList()), client);
    }

    /// <summary>Opens a connector's way out alone, for requests that are made on a user's behalf.</summary>
    public OutboundClient OpenClient(TypedSettings settings, Connector connector) =>
        Client(
            settings,
            connector.WorkspaceId,
            connector.Id,
            connector.RateLimit,
            tokens.For(connector.WorkspaceId, connector.Id, credential: null),
            waits: false
        );

    private OutboundClient Client(
        TypedSettings settings,
        long workspaceId,
        long connectorId,
        RateLimit? limit,
        CredentialTokens vault,
        bool waits
    )
    {
        var vendors = settings.Integration.LimitsFor(settings.Config);
        IReadOnlyList<RateLimit> limits = limit is null ? vendors : [limit, .. vendors];
        return outbound.For(
            new OutboundProfile(connectorId, limits, settings.Integration.PolitenessFor(settings.Config))
            {
                Authenticator = AuthenticatorOf(settings, vault),
                Meter = settings.Shared is { } offer
                    ? allowances.MeterFor(workspaceId, settings.Integration.Manifest.Slug, offer, waits)
                    : null,
            }
        );
    }

    private ReaderContext Context(OutboundClient client, long workspaceId, IKnownDocuments known, IWorkList work) =>
        new()
        {
            Http = client.Http,
            Time = time,
            Known = known,
            Work = work,
            Files = files.For(workspaceId),
            Html = html,
            Containers = containers,
            Renderer = client.Renderer,
        };

    private AuthenticatingHandler? AuthenticatorOf(TypedSettings settings, CredentialTokens vault)
    {
        var authentication = settings.Integration.AuthenticationFor(settings.Config, settings.Credentials);
        if (authentication == Authentication.None)
        {
            return null;
        }

        // Outlives the reader: a refresh token that is being swapped when a run is cancelled must still be saved. It waits
        // for no connector's limit, and what one token endpoint asks for holds up no other.
        var http = outbound.For(new OutboundProfile(0, [], null)).Http;
        var manifest = settings.Integration.Manifest;
        var channel = new TokenChannel(http, time, oauthClients.Find(manifest.Slug), manifest.OAuth?.TokenUrl);
        return new AuthenticatingHandler(authentication, vault, channel);
    }

    private static object? Read(
        Type type,
        JsonElement json,
        UnknownMembers unknown,
        string member,
        List<SettingsProblem> problems
    )
    {
        var found = new List<SettingsProblem>();
        var result = SettingsReader.Read(type, json, unknown, found);
        problems.AddRange(found.Select(problem => problem.Under(member)));
        return result;
    }
}

/// <summary>An integration with a connector's settings in its own types.</summary>
internal sealed record TypedSettings(Integration Integration, object Config, object Credentials)
{
    /// <summary>Whether the connector has anything to read.</summary>
    public bool HasRuns => Integration.HasRuns(Config);

    /// <summary>They are the operator's, and used within an allowance; null when they are the connector's own.</summary>
    public SharedOffer? Shared { get; init; }
}

/// <summary>A reader with the HTTP client that it uses.</summary>
internal sealed record OpenReader(IReader Reader, OutboundClient Client, CredentialTokens Tokens) : IDisposable
{
    public void Dispose() => Client.Dispose();
}
