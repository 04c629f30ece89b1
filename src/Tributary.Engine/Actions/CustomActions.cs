using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Catalog;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom;
using Tributary.Engine.Custom.Client;
using Tributary.Engine.Custom.Manifests;

namespace Tributary.Engine.Actions;

/// <summary>
/// Does the actions of custom integrations, step by step: a server may ask to be called again later, or for more. What is
/// not done within a set time is handed back, to be gone on with.
/// </summary>
internal sealed class CustomActions(
    CustomRegistry registry,
    CustomSettings settings,
    CustomSecrets secrets,
    CustomHttp http,
    ConditionalLimits conditional,
    CallRetries retry,
    TimeProvider time
)
{
    private const int MostSteps = 1_000;
    private const int MostPolls = 100;
    private const long MostPartialBytes = CustomHttp.MaxAnswerBytes;

    /// <summary>Clients wait for six minutes.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(4);

    private readonly ConcurrentDictionary<(long, string), SemaphoreSlim> _serial = new();

    public async Task<ActionAnswer> ExecuteAsync(
        Connector connector,
        string slug,
        ActionRequest request,
        CancellationToken cancellationToken
    )
    {
        var execution = await OpenAsync(connector, slug, request, cancellationToken).ConfigureAwait(false);
        if (!execution.Action.IsSerialized)
        {
            return await RunAsync(execution, cancellationToken).ConfigureAwait(false);
        }

        var turn = _serial.GetOrAdd((connector.Id, slug), static _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await RunAsync(execution, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Asks the server whether it would accept a config; what is wrong, or null.</summary>
    public async Task<string?> ValidateAsync(
        Connector connector,
        string slug,
        JsonElement config,
        CancellationToken cancellationToken
    )
    {
        var integration = await registry
            .GetAsync(connector.WorkspaceId, connector.IntegrationSlug, cancellationToken)
            .ConfigureAwait(false);
        var call = new CustomCall(
            await secrets.ServerOfAsync(integration.Row, cancellationToken).ConfigureAwait(false),
            [$"/actions/{Uri.EscapeDataString(slug)}/validate"],
            new JsonObject { ["config"] = CustomSettings.Node(config) }
        )
        {
            Connector = connector,
            Limits = ConnectorLimit.Of(connector, integration),
            OnlyReads = true,
        };
        var answer = await http.SendAsync(call, cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            // Only some generations can be asked; the schema was checked before.
            { Status: 404 } => null,
            { IsSuccess: false } => throw CustomHttp.FailureOf(call, answer),
            _ => answer.Json.Text("outcome") switch
            {
                "valid" => null,
                "notValid" => answer.ErrorMessage ?? "The integration does not accept this config.",
                _ => throw CustomHttp.Violation(call, "outcome is neither 'valid' nor 'notValid'."),
            },
        };
    }

    private async Task<Execution> OpenAsync(
        Connector connector,
        string slug,
        ActionRequest request,
        CancellationToken cancellationToken
    )
    {
        var integration = await registry
            .GetAsync(connector.WorkspaceId, connector.IntegrationSlug, cancellationToken)
            .ConfigureAwait(false);
        return new Execution(
            connector,
            integration,
            slug,
            integration.Manifest.Description.Actions[slug],
            request,
            await secrets.ServerOfAsync(integration.Row, cancellationToken).ConfigureAwait(false),
            await settings.OfAsync(connector, cancellationToken).ConfigureAwait(false)
        );
    }

    private async Task<ActionAnswer> RunAsync(Execution execution, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var partial = new List<JsonElement>();
        var partialBytes = 0L;
        var (meta, polls) = (execution.Request.Meta, 0);
        for (var step = 1; ; step++)
        {
            var (call, answer) = await SendAsync(execution, meta, polls > 0, cancellationToken).ConfigureAwait(false);
            var result = ActionResults.Read(answer.Json, what => CustomHttp.Violation(call, what)) with
            {
                PartialData = partial,
            };
            TimeSpan wait;
            switch (result.Outcome)
            {
                case "executing":
                    polls++;
                    wait = CallRetries.WaitAfter(execution.Action.ExecutingRetry, polls);
                    if (polls > (execution.Action.ExecutingRetry?.MaximumAttempts ?? MostPolls))
                    {
                        throw CustomHttp.Violation(call, $"it is still executing after {polls} calls.");
                    }

                    break;
                case ActionResults.More:
                    polls = 0;
                    wait = TimeSpan.FromMilliseconds(Math.Clamp(result.TimeoutMilliseconds ?? 0, 0, 86_400_000));
                    if (result.Data is { } data)
                    {
                        partial.Add(data);
                        partialBytes += data.GetRawText().Length;
                    }

                    if (step >= MostSteps || partialBytes > MostPartialBytes)
                    {
                        throw CustomHttp.Violation(
                            call,
                            $"it has more to execute after {step} steps and {partialBytes:N0} bytes; at most {MostSteps} and {MostPartialBytes:N0} are taken."
                        );
                    }

                    result = result with { Outcome = "executing", Data = null, TimeoutMilliseconds = null };
                    break;
                default:
                    return result;
            }

            if (time.GetElapsedTime(begun) + wait > _longest)
            {
                return result;
            }

            meta = result.Meta;
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(CustomCall, CustomAnswer)> SendAsync(
        Execution execution,
        JsonElement? meta,
        bool isPoll,
        CancellationToken cancellationToken
    )
    {
        var action = execution.Action;
        var isLimited = action.IsRateLimited && (!isPoll || action.ExecutingWithRateLimit);
        var call = new CustomCall(
            execution.Server,
            [$"/actions/{Uri.EscapeDataString(execution.Slug)}/execute"],
            Body(execution, meta)
        )
        {
            Connector = isLimited ? execution.Connector : null,
            Limits = isLimited ? ConnectorLimit.Of(execution.Connector, execution.Integration) : [],
            MaxAttempts = action.Retry is null ? null : 1,
        };
        var key = CustomManifest.ActionKey(execution.Slug);
        var answer = await retry
            .SendAsync(
                action.Retry,
                () =>
                    isLimited
                        ? conditional.SendAsync(
                            execution.Connector,
                            key,
                            execution.Integration.Manifest.Limits.GetValueOrDefault(key, []),
                            execution.Request.Config,
                            () => http.SendAsync(call, cancellationToken),
                            cancellationToken
                        )
                        : http.SendAsync(call, cancellationToken),
                cancellationToken
            )
            .ConfigureAwait(false);
        return answer.IsSuccess ? (call, answer) : throw CustomHttp.FailureOf(call, answer);
    }

    private static JsonObject Body(Execution execution, JsonElement? meta)
    {
        var workspace = execution.Integration.Row.WorkspaceUuid;
        var body = new JsonObject
        {
            ["connector"] = CustomSettings.Connector(execution.Connector.Uuid, workspace, execution.Config),
            ["config"] = CustomSettings.Node(execution.Request.Config),
            ["isDryExecution"] = execution.Request.IsDry,

            // There are no workflows here: an execution of its own each time.
            ["execution"] = new JsonObject
            {
                ["workspaceUuid"] = workspace.ToString(),
                ["workflowUuid"] = execution.Connector.Uuid.ToString(),
                ["nodeUuid"] = execution.Uuid.ToString(),
            },
        };
        if (meta is { } position)
        {
            body["meta"] = CustomSettings.Node(position);
        }

        return body;
    }

    private sealed record Execution(
        Connector Connector,
        LoadedIntegration Integration,
        string Slug,
        ActionDescription Action,
        ActionRequest Request,
        CustomServer Server,
        JsonElement Config
    )
    {
        public Guid Uuid { get; } = Guid.NewGuid();
    }
}
