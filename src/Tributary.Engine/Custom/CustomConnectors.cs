using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Custom.Client;
using Tributary.Engine.Custom.Schemas;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Custom;

/// <inheritdoc cref="ICustomConnectors"/>
internal sealed class CustomConnectors(CustomRegistry registry, CustomSecrets secrets, CustomHttp http)
    : ICustomConnectors
{
    private const string Unreachable = "failedToGetIntegration";

    public async Task<JsonElement> AuthenticateAsync(
        long workspaceId,
        string slug,
        Guid connectorUuid,
        JsonElement config,
        CancellationToken cancellationToken
    )
    {
        var integration = await registry.GetAsync(workspaceId, slug, cancellationToken).ConfigureAwait(false);
        var problems =
            config.ValueKind == JsonValueKind.Object
                ? SchemaEvaluator.Check(integration.Manifest.Description.Config.JsonSchema, config, "config")
                : [new SettingsProblem(["config"], "dict_type", "Should be an object")];
        if (problems.Count > 0)
        {
            throw new EngineException(problems);
        }

        var call = new CustomCall(
            await secrets.ServerOfAsync(integration.Row, cancellationToken).ConfigureAwait(false),
            ["/authenticate"],
            new JsonObject
            {
                ["connector"] = CustomSettings.Connector(connectorUuid, integration.Row.WorkspaceUuid, config),
            }
        )
        {
            MaxAttempts = 2,
        };
        try
        {
            var answer = await http.SendAsync(call, cancellationToken).ConfigureAwait(false);
            return answer switch
            {
                // It does not offer to authenticate.
                { Status: 404 } => config,
                { IsSuccess: true } when answer.Json.Text("outcome") == "success" => answer.Json.Object("config")
                    is { } own
                    ? CustomSettings.Merge(config, own)
                    : config,
                { IsSuccess: true } when answer.Json.Text("outcome") == "error" => throw Refused(answer),
                { IsSuccess: true } => throw CustomHttp.Violation(call, "outcome is neither 'success' nor 'error'."),
                _ => throw CustomHttp.FailureOf(call, answer),
            };
        }
        catch (SourceException exception)
        {
            throw new EngineException(RefusalKind.Rejected, exception.Message, Unreachable);
        }
    }

    public async ValueTask<JsonElement> MaskAsync(
        long workspaceId,
        string slug,
        JsonElement config,
        CancellationToken cancellationToken
    )
    {
        var integration = await registry.FindAsync(workspaceId, slug, cancellationToken).ConfigureAwait(false);
        return integration is null
            ? CustomMask.MaskAll(config)
            : CustomMask.Mask(integration.Manifest.Description.Config, config);
    }

    private static EngineException Refused(CustomAnswer answer) =>
        new(
            RefusalKind.Rejected,
            answer.ErrorMessage ?? "The integration refuses these credentials: check them.",
            "unauthenticated"
        );
}
