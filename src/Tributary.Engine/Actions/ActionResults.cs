using System.Text.Json;
using Tributary.Engine.Custom;
using Tributary.Sdk;

namespace Tributary.Engine.Actions;

/// <summary>Reads what a server answers to an action, and holds it to the contract.</summary>
internal static class ActionResults
{
    /// <summary>There is more to execute; <see cref="ActionAnswer.TimeoutMilliseconds"/> says after which pause.</summary>
    public const string More = "moreToExecute";

    private const int MaxMetaBytes = 256 * 1024;

    public static ActionAnswer Read(JsonElement answer, Func<string, SourceException> violation)
    {
        if (answer.ValueKind != JsonValueKind.Object)
        {
            throw violation("the answer should be an object.");
        }

        if (answer.Member("data") is { ValueKind: not JsonValueKind.Object })
        {
            throw violation("data should be an object.");
        }

        var meta = answer.Member("meta");
        if (meta?.GetRawText().Length > MaxMetaBytes)
        {
            throw violation("meta is larger than 256 KiB; it should hold a position only.");
        }

        var outcome = answer.Text("outcome");
        return new ActionAnswer
        {
            Outcome = outcome is "executed" or "executing" or More or "waiting"
                ? outcome
                : throw violation("outcome should be executed, executing, moreToExecute or waiting."),
            Data = answer.Object("data"),
            Title = answer.Text("title"),
            UnitsCount = answer.Number("unitsCount"),
            IconUrl = answer.Text("iconUrl"),
            ChildIndex = answer.Whole("childIndex"),
            TimeoutMilliseconds = outcome switch
            {
                More => answer.Whole("sleepMilliseconds"),
                "waiting" => answer.Whole("timeoutMilliseconds") is >= 0 and var milliseconds
                    ? milliseconds
                    : throw violation("timeoutMilliseconds should be a whole number, 0 or more."),
                _ => null,
            },
            Meta = meta,
        };
    }
}
