using System.Text.Json;
using Tributary.Engine.Catalog;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;
using Tributary.Engine.Custom.Client;
using Tributary.Engine.Custom.Schemas;
using Tributary.Engine.Outbound.Cache;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;

namespace Tributary.Engine.Actions;

/// <inheritdoc cref="IConnectorActions"/>
internal sealed class ConnectorActions(
    IConnectorService connectors,
    IIntegrationDirectory directory,
    CustomActions customActions,
    CustomLookups lookups,
    BuiltInActions builtIn,
    IResponseCache cache
) : IConnectorActions
{
    private const string Failed = "failedToExecuteAction";
    private static readonly TimeSpan _lookupAge = TimeSpan.FromMinutes(30);

    public async Task<ActionAnswer> ExecuteAsync(
        Caller caller,
        Guid connectorUuid,
        string slug,
        ActionRequest request,
        CancellationToken cancellationToken
    )
    {
        var (connector, integration, action) = await FindAsync(caller, connectorUuid, slug, cancellationToken)
            .ConfigureAwait(false);
        Demand(action.Config, request.Config);
        var age = TimeSpan.FromMilliseconds(Math.Clamp(connector.CacheTtlMilliseconds ?? 0, 0, int.MaxValue));
        var isKept =
            age > TimeSpan.Zero
            && integration.CachingIsCompatible
            && action.CachingIsCompatible
            && request is { IsDry: false, Meta: null };
        if (!isKept)
        {
            return await RunAsync(connector, integration, slug, request, cancellationToken).ConfigureAwait(false);
        }

        var kept = await cache
            .GetOrAddAsync(
                connector.Id,
                Key("action", slug, request.Config),
                age,
                refresh: false,
                async cancellation =>
                {
                    var answer = await RunAsync(connector, integration, slug, request, cancellation)
                        .ConfigureAwait(false);
                    return new FreshValue(
                        JsonSerializer.SerializeToUtf8Bytes(answer, ActionJson.Default.ActionAnswer),
                        answer.Outcome == "executed"
                    );
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return JsonSerializer.Deserialize(kept.Value, ActionJson.Default.ActionAnswer)! with
        {
            IsFromCache = IsKept(kept),
        };
    }

    public async Task<string?> ValidateAsync(
        Caller caller,
        Guid connectorUuid,
        string slug,
        JsonElement config,
        CancellationToken cancellationToken
    )
    {
        var (connector, integration, action) = await FindAsync(caller, connectorUuid, slug, cancellationToken)
            .ConfigureAwait(false);
        Demand(action.Config, config);
        try
        {
            return integration.IsCustom
                ? await customActions.ValidateAsync(connector, slug, config, cancellationToken).ConfigureAwait(false)
                : null;
        }
        catch (SourceException exception)
        {
            throw new EngineException(RefusalKind.Rejected, exception.Message, Failed);
        }
    }

    public async Task<AutocompleteAnswer> AutocompleteAsync(
        Caller caller,
        Guid connectorUuid,
        AutocompleteRequest request,
        CancellationToken cancellationToken
    )
    {
        var (connector, integration) = await FindAsync(caller, connectorUuid, cancellationToken).ConfigureAwait(false);
        var description =
            integration.Autocompletes.GetValueOrDefault(request.Slug)
            ?? throw Unknown($"'{integration.Slug}' has no autocomplete '{request.Slug}'.");
        DemandParams("autocomplete", description.Params, request.Params);

        try
        {
            var age = description.CacheExpirationInSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : _lookupAge;
            var kept = await cache
                .GetOrAddAsync(
                    connector.Id,
                    Key(
                        "autocomplete",
                        request.Slug,
                        JsonSerializer.SerializeToElement(new { request.Params, request.Value })
                    ),
                    age,
                    request.IsFresh,
                    async cancellation => new FreshValue(
                        JsonSerializer.SerializeToUtf8Bytes(
                            await lookups.AutocompleteAsync(connector, request, cancellation).ConfigureAwait(false),
                            ActionJson.Default.IReadOnlyListAutocompleteOption
                        )
                    ),
                    cancellationToken
                )
                .ConfigureAwait(false);
            return new AutocompleteAnswer(
                JsonSerializer.Deserialize(kept.Value, ActionJson.Default.IReadOnlyListAutocompleteOption)!,
                IsKept(kept)
            );
        }
        catch (SourceException exception)
        {
            throw new EngineException(RefusalKind.Rejected, exception.Message, "failedToGetIntegrationAutocomplete");
        }
    }

    public async Task<(JsonElement? Schema, JsonElement? UiSchema)> GetDynamicSchemaAsync(
        Caller caller,
        Guid connectorUuid,
        string slug,
        JsonElement parameters,
        CancellationToken cancellationToken
    )
    {
        var (connector, integration) = await FindAsync(caller, connectorUuid, cancellationToken).ConfigureAwait(false);
        var description =
            integration.DynamicSchemas.GetValueOrDefault(slug)
            ?? throw Unknown($"'{integration.Slug}' has no dynamic schema '{slug}'.");
        DemandParams("schema", description, parameters);

        try
        {
            return await lookups
                .DynamicSchemaAsync(connector, slug, parameters, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SourceException exception)
        {
            throw Unknown(exception.Message);
        }
    }

    private async Task<ActionAnswer> RunAsync(
        Connector connector,
        IntegrationDescription integration,
        string slug,
        ActionRequest request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return integration.IsCustom
                ? await customActions.ExecuteAsync(connector, slug, request, cancellationToken).ConfigureAwait(false)
                : await builtIn.ExecuteAsync(connector, slug, request, cancellationToken).ConfigureAwait(false);
        }
        catch (SourceException exception)
        {
            throw new EngineException(RefusalKind.Rejected, exception.Message, Failed);
        }
    }

    private async Task<(Connector, IntegrationDescription, ActionDescription)> FindAsync(
        Caller caller,
        Guid connectorUuid,
        string slug,
        CancellationToken cancellationToken
    )
    {
        var (connector, integration) = await FindAsync(caller, connectorUuid, cancellationToken).ConfigureAwait(false);
        var action =
            integration.Actions.GetValueOrDefault(slug)
            ?? throw EngineException.NotFound(
                integration.Actions.Count == 0
                    ? $"'{integration.Slug}' has no actions."
                    : $"'{integration.Slug}' has no action '{slug}'; it has {string.Join(", ", integration.Actions.Keys.Take(50))}.",
                "actionNotFound"
            );
        return (connector, integration, action);
    }

    private async Task<(Connector, IntegrationDescription)> FindAsync(
        Caller caller,
        Guid connectorUuid,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        var connector = await connectors.GetAsync(caller, connectorUuid, cancellationToken).ConfigureAwait(false);
        var integration =
            await directory
                .FindAsync(caller.WorkspaceId, connector.IntegrationSlug, cancellationToken)
                .ConfigureAwait(false)
            ?? throw Unknown($"The integration '{connector.IntegrationSlug}' does not exist any more.");
        return (connector, integration);
    }

    private static void Demand(SchemaPair schema, JsonElement config)
    {
        if (SchemaEvaluator.Check(schema.JsonSchema, config, "config") is { Count: > 0 } problems)
        {
            throw new EngineException(problems);
        }
    }

    private static void DemandParams(string what, SchemaPair schema, JsonElement parameters)
    {
        if (SchemaEvaluator.Check(schema.JsonSchema, parameters, "params") is { Count: > 0 } problems)
        {
            throw new EngineException(
                RefusalKind.Rejected,
                $"Invalid {what} params: {ManifestFetcher.InWords(problems)}",
                "invalidPayload"
            );
        }
    }

    // A digest: configs may hold secrets. A connector whose settings change loses what was kept.
    private static string Key(string what, string slug, JsonElement config) =>
        $"{what}/{slug}/{CanonicalJson.Digest(config)}";

    private static bool IsKept(CachedValue value) => value.Outcome is CacheOutcome.Hit or CacheOutcome.Shared;

    private static EngineException Unknown(string message) =>
        new(RefusalKind.Rejected, message, "failedToGetIntegration");
}
