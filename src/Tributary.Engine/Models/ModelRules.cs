using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.Engine.Catalog;
using Tributary.Engine.Custom.Schemas;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Models;

/// <summary>What names, configs and schedules of models have to be.</summary>
internal static partial class ModelRules
{
    private const int MaxName = 200;
    private const int MaxConfigCharacters = 256 * 1024;

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    private static partial Regex SlugForm { get; }

    public static void DemandShape(string? slug, string? name, JsonElement? config)
    {
        var problems = new List<SettingsProblem>();
        if (slug is not null && !SlugForm.IsMatch(slug))
        {
            problems.Add(
                new(
                    ["slug"],
                    "string_pattern_mismatch",
                    "A slug has 1 to 64 letters, digits, '_' and '-', and begins with a letter or digit"
                )
            );
        }

        if (name is not null && (string.IsNullOrWhiteSpace(name) || name.Length > MaxName))
        {
            problems.Add(new(["name"], "string_too_short", $"A name has 1 to {MaxName} characters"));
        }

        if (config is { ValueKind: not JsonValueKind.Object })
        {
            problems.Add(new(["config"], "dict_type", "Input should be an object"));
        }
        else if (config is { } json && json.GetRawText().Length > MaxConfigCharacters)
        {
            problems.Add(new(["config"], "too_long", $"A config has at most {MaxConfigCharacters} characters"));
        }

        if (problems.Count > 0)
        {
            throw new EngineException(problems);
        }
    }

    /// <summary>Refuses a config that its extractor's schema does not allow, with every mistake.</summary>
    public static void DemandConfig(JsonElement config, JsonElement schema)
    {
        var problems = SchemaEvaluator.Check(schema, config, "config");
        if (problems.Count > 0)
        {
            throw new EngineException(problems);
        }
    }

    /// <summary>What fills a model cannot be changed, only said again.</summary>
    public static void DemandSameExtractor(Model model, string? extractor)
    {
        if (extractor is not null && extractor != model.ExtractorSlug)
        {
            throw new EngineException(
                RefusalKind.Rejected,
                $"The extractor of a model stays '{model.ExtractorSlug}': make another model for '{extractor}'.",
                "modelNotCompatible"
            );
        }
    }

    public static EngineException DuplicateSlug(string slug) =>
        new(RefusalKind.Conflict, $"The dataset has a model '{slug}' already: choose another slug.", "duplicateSlug");

    /// <summary>Reads a schedule for an extractor; null when there is none.</summary>
    public static CronExpression? ReadSchedule(string? text, ExtractorMode mode)
    {
        if (text is null)
        {
            return null;
        }

        if (!mode.IsFetch)
        {
            throw new EngineException(
                RefusalKind.Rejected,
                "This model is not read but written to: it takes no schedule.",
                "scheduleNotCompatible"
            );
        }

        CronExpression schedule;
        try
        {
            schedule = CronExpression.Parse(text);
        }
        catch (FormatException exception)
        {
            throw new EngineException(RefusalKind.Rejected, exception.Message, "failedToSchedule");
        }

        return schedule.ShortestInterval() >= (mode.MinIntervalInSeconds ?? 0)
            ? schedule
            : throw new EngineException(
                RefusalKind.Rejected,
                $"'{text}' fires every {schedule.ShortestInterval()} seconds; this extractor takes {mode.MinIntervalInSeconds} at least.",
                "scheduleIntervalTooShort"
            );
    }
}
