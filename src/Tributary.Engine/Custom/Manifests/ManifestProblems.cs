using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.Engine.Catalog;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Custom.Manifests;

/// <summary>Reads the parts that recur in a manifest, and collects what is wrong with them.</summary>
internal sealed partial class ManifestProblems
{
    private const int MostProblems = 50;
    private static readonly JsonElement _anyObject = JsonElement.Parse("""{"type":"object"}"""u8);
    private readonly List<SettingsProblem> _all = [];

    /// <summary>What was found.</summary>
    public IReadOnlyList<SettingsProblem> All => _all;

    /// <summary>Whether a text can stand in the path of a call.</summary>
    public static bool IsSlug(string text) => SlugPattern().IsMatch(text) && text.Trim('.').Length > 0;

    public void Add(IReadOnlyList<object> path, string code, string message)
    {
        if (_all.Count < MostProblems)
        {
            _all.Add(new SettingsProblem(path, code, message));
        }
    }

    public string? Text(JsonElement json, object[] path, string name, int most, bool isRequired = false)
    {
        var member = json.Member(name);
        if (member is null)
        {
            if (isRequired)
            {
                Add([.. path, name], "missing", "Field required");
            }

            return null;
        }

        if (member is not { ValueKind: JsonValueKind.String })
        {
            Add([.. path, name], "string_type", "Should be a string");
            return null;
        }

        var text = member.Value.GetString()!;
        if (isRequired && string.IsNullOrWhiteSpace(text))
        {
            Add([.. path, name], "string_too_short", "May not be empty");
        }
        else if (text.Length > most)
        {
            Add([.. path, name], "string_too_long", $"Should have at most {most} characters");
        }

        return text;
    }

    /// <summary><c>{"jsonSchema": …, "uiSchema": …}</c>, of which the newest generation calls the first <c>schema</c>.</summary>
    public SchemaPair Schemas(JsonElement json, object[] path, string name)
    {
        if (json.Member(name) is not { } pair)
        {
            return new SchemaPair(_anyObject);
        }

        if (pair.ValueKind != JsonValueKind.Object)
        {
            Add([.. path, name], "dict_type", "Should be an object with jsonSchema");
            return new SchemaPair(_anyObject);
        }

        var schema = pair.Member("jsonSchema") ?? pair.Member("schema") ?? _anyObject;
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            Add([.. path, name, "jsonSchema"], "dict_type", "Should be a JSON Schema, which is an object");
            schema = _anyObject;
        }

        if (pair.Member("uiSchema") is { ValueKind: not JsonValueKind.Object })
        {
            Add([.. path, name, "uiSchema"], "dict_type", "Should be an object");
        }

        return new SchemaPair(schema.Clone(), pair.Object("uiSchema")?.Clone());
    }

    /// <summary><c>{"unit": …, "max": …, "strategy": …}</c>; without a strategy it is a burst.</summary>
    public RateLimit? Limit(JsonElement json, object[] path, string name) =>
        json.Member(name) is { } limit ? Limit(limit, [.. path, name]) : null;

    /// <summary><c>rateLimits</c>.</summary>
    public IReadOnlyList<ConditionalLimit> Limits(JsonElement json, object[] path) =>
        [
            .. json.Items("rateLimits")
                .Take(100)
                .Select((item, index) => (item, Limit: Limit(item, [.. path, "rateLimits", index])))
                .Where(found => found.Limit is not null)
                .Select(found => new ConditionalLimit(
                    found.Limit!,
                    found.item.Text("resourceId"),
                    (
                        found.item.Object("config")?.Member("jsonSchema")
                        ?? found.item.Object("config")?.Member("schema")
                    )?.Clone()
                )),
        ];

    /// <summary><c>retry</c>.</summary>
    public static RetryDescription? Retry(JsonElement json) =>
        json.Object("retry") is { } retry
            ? new RetryDescription(
                retry.Whole("maximumAttempts") is { } attempts ? (int)Math.Clamp(attempts, 1, int.MaxValue) : null,
                retry.Whole("initialInterval") is { } interval ? Math.Max(interval, 0) : null,
                retry.Number("backoffCoefficient") is { } coefficient ? Math.Max(coefficient, 1) : null
            )
            : null;

    private RateLimit? Limit(JsonElement limit, object[] path)
    {
        RateUnit? unit = limit.Text("unit") switch
        {
            "second" => RateUnit.Second,
            "minute" => RateUnit.Minute,
            "hour" => RateUnit.Hour,
            "day" => RateUnit.Day,
            _ => null,
        };
        RateStrategy? strategy = limit.Text("strategy") switch
        {
            null or "burst" => RateStrategy.Burst,
            "spread" => RateStrategy.Spread,
            _ => null,
        };
        if (unit is not null && strategy is not null && limit.Whole("max") is >= 1 and <= int.MaxValue and var max)
        {
            return new RateLimit(unit.Value, (int)max, strategy.Value);
        }

        Add(
            path,
            "value_error",
            "Should be like {\"unit\": \"minute\", \"max\": 60, \"strategy\": \"burst\"}: unit second, minute, hour or day; max 1 or more; strategy spread or burst"
        );
        return null;
    }

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,100}$")]
    private static partial Regex SlugPattern();
}
