using System.Text;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom.Client;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Custom;

/// <inheritdoc cref="ICustomIntegrationService"/>
internal sealed class CustomIntegrationService(
    ICustomIntegrationStore store,
    ManifestFetcher manifests,
    CustomSecrets secrets,
    IIntegrationCatalog catalog,
    TimeProvider time
) : ICustomIntegrationService
{
    private const int MaxSlugLength = 50;
    private const int MaxSecretLength = 4_000;
    private const int MaxAttempts = 1_000;

    public async Task<CustomIntegration> CreateAsync(
        Caller caller,
        CustomIntegrationDraft draft,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        var baseUrl = Address(draft.BaseUrl);
        DemandSecret(draft.Secret);
        var (raw, manifest) = await manifests
            .FetchAsync(new CustomServer(baseUrl, draft.Secret), "new", cancellationToken)
            .ConfigureAwait(false);
        var uuid = Guid.NewGuid();
        foreach (var slug in Slugs(manifest.Description.Name))
        {
            if (catalog.Find(slug) is not null || catalog.KnownTypes.Contains(slug))
            {
                continue;
            }

            var made = await store
                .InsertAsync(
                    new NewCustomIntegration
                    {
                        Uuid = uuid,
                        WorkspaceId = caller.WorkspaceId,
                        Slug = slug,
                        BaseUrl = baseUrl,
                        Secret = draft.Secret is null ? null : secrets.Seal(draft.Secret, caller.WorkspaceId),
                        Manifest = raw,
                        Now = time.GetUtcNow(),
                        Audit = Audit(caller, "customIntegration.create", $"custom integration {slug} at {baseUrl}"),
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            if (made is not null)
            {
                return made;
            }
        }

        throw new EngineException(
            RefusalKind.Conflict,
            $"Too many integrations are called '{manifest.Description.Name}': change the name in the manifest.",
            "duplicateSlug"
        );
    }

    public async Task<CustomIntegration> GetAsync(Caller caller, Guid uuid, CancellationToken cancellationToken) =>
        await store.FindAsync(caller.WorkspaceId, uuid, cancellationToken).ConfigureAwait(false) ?? throw Missing();

    public Task<IReadOnlyList<CustomIntegration>> ListAsync(Caller caller, CancellationToken cancellationToken) =>
        store.ListAsync(caller.WorkspaceId, cancellationToken);

    public async Task<CustomIntegration> UpdateAsync(
        Caller caller,
        Guid uuid,
        CustomIntegrationChange change,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        var old = await GetAsync(caller, uuid, cancellationToken).ConfigureAwait(false);
        var baseUrl = change.BaseUrl is null ? old.BaseUrl : Address(change.BaseUrl);
        DemandSecret(change.Secret?.Value);

        // The secret was given for the old server: another one gets it only when it is given again.
        var isElsewhere = !IsSameOrigin(baseUrl, old.BaseUrl);
        var known = await secrets.ServerOfAsync(old, cancellationToken).ConfigureAwait(false);
        var secret =
            change.Secret is { } set ? set.Value
            : isElsewhere ? null
            : known.Secret;
        var (raw, _) = await manifests
            .FetchAsync(new CustomServer(baseUrl, secret), old.Slug, cancellationToken)
            .ConfigureAwait(false);
        return await store
                .UpdateAsync(
                    new CustomIntegrationUpdate
                    {
                        Uuid = uuid,
                        WorkspaceId = caller.WorkspaceId,
                        BaseUrl = baseUrl,
                        Secret =
                            change.Secret is null && !isElsewhere
                                ? null
                                : new Change<NewSecret?>(
                                    secret is null ? null : secrets.Seal(secret, caller.WorkspaceId)
                                ),
                        Manifest = raw,
                        Now = time.GetUtcNow(),
                        Audit = Audit(
                            caller,
                            "customIntegration.update",
                            $"custom integration {old.Slug} at {baseUrl}"
                        ),
                    },
                    cancellationToken
                )
                .ConfigureAwait(false)
            ?? throw Missing();
    }

    public async Task DeleteAsync(Caller caller, Guid uuid, CancellationToken cancellationToken)
    {
        caller.Demand(Role.Editor);
        var old = await GetAsync(caller, uuid, cancellationToken).ConfigureAwait(false);
        try
        {
            var audit = Audit(caller, "customIntegration.delete", $"custom integration {old.Slug}");
            if (!await store.DeleteAsync(caller.WorkspaceId, uuid, audit, cancellationToken).ConfigureAwait(false))
            {
                throw Missing();
            }
        }
        catch (CustomIntegrationInUseException used)
        {
            throw new EngineException(
                RefusalKind.Conflict,
                $"{used.Connectors} connector(s) use '{old.Slug}': remove them first.",
                "customIntegrationIsUsedInConnectors"
            );
        }
    }

    private static string Address(string baseUrl)
    {
        var isAddress =
            Uri.TryCreate(baseUrl.Trim(), UriKind.Absolute, out var uri)
            && uri is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" };
        return isAddress
            ? uri!.GetLeftPart(UriPartial.Path).TrimEnd('/')
            : throw new EngineException([
                new SettingsProblem(
                    ["baseUrl"],
                    "url_parsing",
                    "Should be an http or https address without user name, query and fragment, e.g. https://integration.example.com"
                ),
            ]);
    }

    private static bool IsSameOrigin(string one, string other) =>
        Uri.Compare(
            new Uri(one),
            new Uri(other),
            UriComponents.SchemeAndServer,
            UriFormat.Unescaped,
            StringComparison.OrdinalIgnoreCase
        ) == 0;

    private static void DemandSecret(string? secret)
    {
        if (secret is not null && (secret.Length is 0 or > MaxSecretLength || secret.Any(c => c is <= ' ' or > '~')))
        {
            throw new EngineException([
                new SettingsProblem(
                    ["secret"],
                    "value_error",
                    $"Should be 1 to {MaxSecretLength} letters, digits and signs of ASCII, without spaces"
                ),
            ]);
        }
    }

    // acme_crm, acme_crm_2, acme_crm_3, …
    private static IEnumerable<string> Slugs(string name)
    {
        var text = new StringBuilder(MaxSlugLength);
        foreach (var letter in name.ToLowerInvariant().Take(1_000))
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                text.Append(letter);
            }
            else if (text.Length > 0 && text[^1] != '_')
            {
                text.Append('_');
            }
        }

        var wanted = text.ToString(0, Math.Min(text.Length, MaxSlugLength)).Trim('_');
        wanted = wanted.Length > 0 ? wanted : "custom_integration";
        return Enumerable.Range(1, MaxAttempts).Select(number => number == 1 ? wanted : $"{wanted}_{number}");
    }

    private AuditDraft Audit(Caller caller, string action, string target) =>
        new(caller.WorkspaceId, time.GetUtcNow(), caller.Name, action, target);

    private static EngineException Missing() =>
        EngineException.NotFound("Custom integration not found", "customIntegrationNotFound");
}
