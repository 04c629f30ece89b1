using System.Text.Json;
using Tributary.Engine.Catalog;
using Tributary.Engine.Custom;
using Tributary.Engine.Outbound;
using Tributary.Engine.Runs;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Connectors;

/// <summary>
/// Config and credentials of connectors, whichever way their integration keeps them: built-in ones apart, of custom ones
/// everything in the credential, and of those with shared credentials nothing at all.
/// </summary>
internal sealed class ConnectorSettings(
    IIntegrationCatalog catalog,
    IIntegrationDirectory directory,
    ICustomConnectors custom,
    ReaderFactory readers,
    CredentialVault vault,
    SharedCredentials shared,
    TimeProvider time
)
{
    /// <summary>Somebody waits for the answer: what the limits put off for longer, the first run finds out.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);
    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    /// <summary>What the operator offers for an integration; null when nothing is.</summary>
    public SharedOffer? FindOffer(string slug) => shared.Find(slug);

    /// <summary>The integration's own slug, whatever alias was sent.</summary>
    public string SlugOf(string slugOrAlias) => catalog.Find(slugOrAlias)?.Manifest.Slug ?? slugOrAlias;

    /// <summary>Checks shape and values of new settings, and whether the source takes them.</summary>
    /// <exception cref="EngineException">Invalid with every mistake, or Rejected: the source refuses them.</exception>
    public Task<PreparedSettings> PrepareAsync(
        Caller caller,
        string slug,
        Guid connector,
        JsonElement config,
        JsonElement credentials,
        RateLimit? limit,
        Guid credential,
        CancellationToken cancellationToken
    ) => PrepareAsync(caller, slug, connector, config, credentials, limit, credential, offer: null, cancellationToken);

    private async Task<PreparedSettings> PrepareAsync(
        Caller caller,
        string slug,
        Guid connector,
        JsonElement config,
        JsonElement credentials,
        RateLimit? limit,
        Guid credential,
        SharedOffer? offer,
        CancellationToken cancellationToken
    )
    {
        if (await IsCustomAsync(caller.WorkspaceId, slug, cancellationToken).ConfigureAwait(false))
        {
            var stored = await custom
                .AuthenticateAsync(caller.WorkspaceId, slug, connector, config, cancellationToken)
                .ConfigureAwait(false);
            return new PreparedSettings(Empty, stored, HasRuns: false);
        }

        var settings = readers.Bind(slug, config, credentials) with { Shared = offer };
        var prepared = new PreparedSettings(config, credentials, settings.HasRuns);
        if (!settings.HasRuns && settings.Integration.Manifest.Kind != IntegrationKind.Api)
        {
            return prepared with { TokensInUse = [] };
        }

        using var open = readers.Open(
            settings,
            caller.WorkspaceId,
            0,
            limit,
            NothingKnown.Instance,
            new TransientWorkList(),
            credential
        );
        await CheckAsync(open, cancellationToken).ConfigureAwait(false);
        return prepared with { TokensInUse = open.Tokens.Used, CheckedWith = open.Client };
    }

    /// <summary>The same for a connector that has no settings of its own.</summary>
    public async Task<PreparedSettings> PrepareSharedAsync(
        Caller caller,
        string slug,
        SharedOffer offer,
        RateLimit? limit,
        Guid credential,
        CancellationToken cancellationToken
    )
    {
        var prepared = await PrepareAsync(
                caller,
                slug,
                Guid.Empty,
                catalog.Find(slug) is null ? offer.Credentials : offer.Config,
                offer.Credentials,
                limit,
                credential,
                offer,
                cancellationToken
            )
            .ConfigureAwait(false);
        return prepared with { Config = Empty, Secret = Empty, IsShared = true };
    }

    /// <summary>A built-in integration's settings as its reader takes them.</summary>
    /// <exception cref="EngineException">They are no longer right, or the shared ones are no longer offered.</exception>
    public async Task<TypedSettings> OpenAsync(Connector connector, CancellationToken cancellationToken)
    {
        var offer = connector.UsesSharedCredentials ? vault.Offer(connector) : null;
        var credentials = await vault.OpenAsync(connector, cancellationToken).ConfigureAwait(false);
        return readers.Bind(connector.IntegrationSlug, offer?.Config ?? connector.Config, credentials) with
        {
            Shared = offer,
        };
    }

    /// <summary>Whether a connector has anything to read by itself; those of custom integrations are read by their models.</summary>
    public async Task<bool> HasRunsAsync(Connector connector, CancellationToken cancellationToken) =>
        catalog.Find(connector.IntegrationSlug) is not null
        && (await OpenAsync(connector, cancellationToken).ConfigureAwait(false)).HasRuns;

    /// <summary>What is stored of a connector's secrets, and the same as answers show it; empty when they are shared.</summary>
    public async Task<StoredSecret> OpenMaskedAsync(Connector connector, CancellationToken cancellationToken)
    {
        if (connector.UsesSharedCredentials)
        {
            return new StoredSecret(Empty, Empty, IsCustom: false);
        }

        var stored = await vault.OpenAsync(connector, cancellationToken).ConfigureAwait(false);
        var type = readers.FindCredentialsType(connector.IntegrationSlug);
        if (
            type is null
            && await IsCustomAsync(connector.WorkspaceId, connector.IntegrationSlug, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            var masked = await custom
                .MaskAsync(connector.WorkspaceId, connector.IntegrationSlug, stored, cancellationToken)
                .ConfigureAwait(false);
            return new StoredSecret(stored, masked, IsCustom: true);
        }

        return new StoredSecret(stored, SecretMask.Mask(stored, type ?? typeof(NoCredentials)), IsCustom: false);
    }

    /// <summary>Settings after a change; what is not mentioned, or was sent back masked, stays.</summary>
    /// <exception cref="EngineException">A mask that is not that of the stored secret, or secrets that would go to another address.</exception>
    public async Task<(JsonElement Config, JsonElement Credentials)> MergeAsync(
        Connector connector,
        ConnectorChange change,
        CancellationToken cancellationToken
    )
    {
        var stored = await OpenMaskedAsync(connector, cancellationToken).ConfigureAwait(false);
        var sent = stored.IsCustom ? change.Config ?? change.Credentials : change.Credentials;
        var secret = sent is { } value
            ? SecretMask.Unmask(value, stored.Value, stored.Masked)
            : new Unmasked(stored.Value, UsesStored: HasAny(stored.Value));
        var member = stored.IsCustom ? "config" : "credentials";
        var masked = SecretMask.FindMasked(secret.Value).Select(problem => problem.Under(member)).ToList();
        if (sent is not null && masked.Count > 0)
        {
            throw new EngineException(masked);
        }

        var config = stored.IsCustom ? secret.Value : change.Config ?? connector.Config;
        var before = stored.IsCustom ? stored.Value : connector.Config;
        if (secret.UsesStored && AddressChange.Find(before, config) is { } path)
        {
            throw new EngineException([
                new SettingsProblem(
                    ["config", .. path],
                    "value_error",
                    "The stored credentials were given for another address: send them again, unmasked, together with the new one"
                ),
            ]);
        }

        return (config, secret.Value);
    }

    private static bool HasAny(JsonElement credentials) =>
        credentials.ValueKind == JsonValueKind.Object
        && credentials.EnumerateObject().Any(member => member.Value.ValueKind != JsonValueKind.Null);

    private async ValueTask<bool> IsCustomAsync(long workspaceId, string slug, CancellationToken cancellationToken) =>
        catalog.Find(slug) is null
        && await directory.FindAsync(workspaceId, slug, cancellationToken).ConfigureAwait(false) is { IsCustom: true };

    /// <summary>Checks settings against the source.</summary>
    private async Task CheckAsync(OpenReader open, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var look = time.CreateTimer(
            _ =>
            {
                if (open.Client.WaitingUntil - time.GetUtcNow() > LongestWait)
                {
                    stop.Cancel();
                }
            },
            null,
            Moment,
            Moment
        );
        try
        {
            await open.Reader.CheckAsync(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The limit leaves no room for the rest of it now.
        }
        catch (SourceException exception)
        {
            throw new EngineException(
                RefusalKind.Rejected,
                $"Connector validation error: {exception.Message}",
                exception.Kind == FailureKind.Configuration ? "invalidConfig" : "unauthenticated"
            );
        }
    }
}

/// <summary>Settings that were found right, as they are stored.</summary>
/// <param name="Config">Goes into the connector's row.</param>
/// <param name="Secret">Is encrypted.</param>
/// <param name="HasRuns">Whether there is anything to read.</param>
/// <param name="IsShared">The operator's credentials are used.</param>
internal sealed record PreparedSettings(JsonElement Config, JsonElement Secret, bool HasRuns, bool IsShared = false)
{
    /// <summary>The names of the kept tokens that belong to the credentials; others are forgotten. Null forgets none.</summary>
    public IReadOnlyCollection<string>? TokensInUse { get; init; }

    /// <summary>What the check was made with, and went through the limits; null when nothing was asked.</summary>
    public OutboundClient? CheckedWith { get; init; }
}

/// <summary>A connector's secrets.</summary>
/// <param name="Value">Decrypted.</param>
/// <param name="Masked">As answers show them.</param>
/// <param name="IsCustom">It is the whole config of a custom integration.</param>
internal sealed record StoredSecret(JsonElement Value, JsonElement Masked, bool IsCustom);
