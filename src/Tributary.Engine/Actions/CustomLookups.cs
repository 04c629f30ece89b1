using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;
using Tributary.Engine.Custom.Client;
using Tributary.Engine.Custom.Manifests;
using Tributary.Sdk;

namespace Tributary.Engine.Actions;

/// <summary>The look-ups that custom integrations' servers offer to forms, and their users.</summary>
internal sealed class CustomLookups(
    CustomRegistry registry,
    CustomSettings settings,
    CustomSecrets secrets,
    CustomHttp http
)
{
    private const int MostOptions = 10_000;
    private const long MaxBytes = 5_000_000;

    public async Task<IReadOnlyList<AutocompleteOption>> AutocompleteAsync(
        Connector connector,
        AutocompleteRequest request,
        CancellationToken cancellationToken
    )
    {
        var call = await CallAsync(
                connector,
                "/autocompletes/" + Uri.EscapeDataString(request.Slug),
                "/autocomplete",
                request.Slug,
                request.Params,
                cancellationToken
            )
            .ConfigureAwait(false);
        if (request.Value is { } value)
        {
            call.Body!["value"] = value;
        }

        var answer = await http.SendCheckedAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Array("results") is not { } results || results.GetArrayLength() > MostOptions)
        {
            throw CustomHttp.Violation(call, $"results should be an array of at most {MostOptions} options.");
        }

        return [.. results.EnumerateArray().Select((option, index) => Option(call, option, index))];
    }

    public async Task<(JsonElement? Schema, JsonElement? UiSchema)> DynamicSchemaAsync(
        Connector connector,
        string slug,
        JsonElement parameters,
        CancellationToken cancellationToken
    )
    {
        var call = await CallAsync(
                connector,
                "/dynamicSchemas/" + Uri.EscapeDataString(slug),
                "/getDynamicSchema",
                slug,
                parameters,
                cancellationToken
            )
            .ConfigureAwait(false);
        var answer = await http.SendCheckedAsync(call, cancellationToken).ConfigureAwait(false);
        var schema = answer.Member("jsonSchema") ?? answer.Member("schema");
        var ui = answer.Member("uiSchema");
        return
            answer.ValueKind == JsonValueKind.Object
            && schema is null or { ValueKind: JsonValueKind.Object }
            && ui is null or { ValueKind: JsonValueKind.Object }
            ? (schema, ui)
            : throw CustomHttp.Violation(
                call,
                "it should be an object with jsonSchema and uiSchema, which are objects."
            );
    }

    private async Task<CustomCall> CallAsync(
        Connector connector,
        string path,
        string oldPath,
        string slug,
        JsonElement parameters,
        CancellationToken cancellationToken
    )
    {
        var integration = await registry
            .GetAsync(connector.WorkspaceId, connector.IntegrationSlug, cancellationToken)
            .ConfigureAwait(false);
        var config = await settings.OfAsync(connector, cancellationToken).ConfigureAwait(false);
        return new CustomCall(
            await secrets.ServerOfAsync(integration.Row, cancellationToken).ConfigureAwait(false),
            integration.Manifest.Generation switch
            {
                ContractGeneration.Current => [path],
                ContractGeneration.Old => [oldPath],
                _ => [path, oldPath],
            },
            new JsonObject
            {
                ["connector"] = CustomSettings.Connector(connector.Uuid, integration.Row.WorkspaceUuid, config),
                ["slug"] = slug,
                ["params"] = CustomSettings.Node(parameters),
            }
        )
        {
            Connector = connector,
            Limits = ConnectorLimit.Of(connector, integration),
            OnlyReads = true,
            MaxBytes = MaxBytes,
        };
    }

    private static AutocompleteOption Option(CustomCall call, JsonElement option, int index)
    {
        if (option.ValueKind != JsonValueKind.Object || !option.TryGetProperty("value", out var value))
        {
            throw CustomHttp.Violation(call, $"results[{index}] should be an object with label and value.");
        }

        var label =
            option.Text("label") ?? (value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
        return new AutocompleteOption(
            label,
            value,
            option.Text("parent"),
            option.Text("description"),
            option.Object("configOverride")
        );
    }
}
