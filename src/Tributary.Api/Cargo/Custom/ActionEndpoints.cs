using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Actions;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Cargo.Custom;

/// <summary>Doing actions through a connector.</summary>
internal static class ActionEndpoints
{
    private const string Root = "/v1/connection/connectors/{uuid}/actions/{slug}";
    private static readonly JsonElement _empty = JsonElement.Parse("{}"u8);

    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("POST", Root, ExecuteAsync, "Does an action through a connector")
            .Takes<ExecuteActionBody>()
            .Answers<ActionResultAnswer>();
        routes
            .Map("POST", Root + "/validate", ValidateAsync, "Whether an action would accept a config")
            .Takes<ExecuteActionBody>()
            .Answers<ActionValidityAnswer>();
    }

    private static async Task ExecuteAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<ExecuteActionBody>();
        var answer = await exchange
            .Get<IConnectorActions>()
            .ExecuteAsync(
                exchange.Caller,
                exchange.PathUuid("uuid"),
                exchange.PathText("slug"),
                new ActionRequest(body.Config ?? _empty, body.IsDryExecution, body.Meta),
                exchange.Aborted
            );
        exchange.Http.TellCache(answer.IsFromCache);
        await exchange.WriteAsync(ActionResultAnswer.Of(answer), CustomJson.Wire.ActionResultAnswer);
    }

    private static async Task ValidateAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<ExecuteActionBody>();
        ActionValidityAnswer answer;
        try
        {
            var mistake = await exchange
                .Get<IConnectorActions>()
                .ValidateAsync(
                    exchange.Caller,
                    exchange.PathUuid("uuid"),
                    exchange.PathText("slug"),
                    body.Config ?? _empty,
                    exchange.Aborted
                );
            answer = new ActionValidityAnswer(mistake is null ? "valid" : "notValid", mistake, []);
        }
        catch (EngineException exception) when (exception.Kind == RefusalKind.Invalid)
        {
            answer = new ActionValidityAnswer(
                "notValid",
                exception.Message,
                [.. exception.Problems.Select(ProblemAnswer.Of)]
            );
        }

        await exchange.WriteAsync(answer, CustomJson.Wire.ActionValidityAnswer);
    }
}

/// <summary>What an action is to be done with.</summary>
internal sealed record ExecuteActionBody
{
    [Description("By the action's schema.")]
    public JsonElement? Config { get; init; }

    [JsonPropertyName("isDryExecution"), Description("Only to try it: nothing is to change, nothing is kept.")]
    public bool IsDryExecution { get; init; }

    [Description("What an answer that was not executed yet held, to go on.")]
    public JsonElement? Meta { get; init; }
}

/// <summary>What came of an action.</summary>
internal sealed record ActionResultAnswer
{
    /// <summary>executed; or executing and waiting: call again with meta to go on.</summary>
    public required string Outcome { get; init; }
    public string? Title { get; init; }
    public JsonElement? Data { get; init; }

    /// <summary>What the steps before the last have brought, in order.</summary>
    public required IReadOnlyList<JsonElement> PartialData { get; init; }
    public double? UnitsCount { get; init; }
    public string? IconUrl { get; init; }
    public long? ChildIndex { get; init; }
    public long? TimeoutMilliseconds { get; init; }
    public JsonElement? Meta { get; init; }

    public static ActionResultAnswer Of(ActionAnswer answer) =>
        new()
        {
            Outcome = answer.Outcome,
            Title = answer.Title,
            Data = answer.Data,
            PartialData = answer.PartialData,
            UnitsCount = answer.UnitsCount,
            IconUrl = answer.IconUrl,
            ChildIndex = answer.ChildIndex,
            TimeoutMilliseconds = answer.TimeoutMilliseconds,
            Meta = answer.Meta,
        };
}

/// <summary>Whether an action would accept a config: valid or notValid.</summary>
internal sealed record ActionValidityAnswer(string Outcome, string? ErrorMessage, IReadOnlyList<ProblemAnswer> Errors);

/// <summary>One mistake in a config.</summary>
internal sealed record ProblemAnswer(string Path, string Message)
{
    public static ProblemAnswer Of(SettingsProblem problem) => new(string.Join('.', problem.Path), problem.Message);
}
