using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Custom.Schemas;

/// <summary>The keywords about single values: <c>enum</c>, <c>const</c>, lengths, patterns, ranges.</summary>
internal static class SchemaScalars
{
    private static readonly TimeSpan _longestMatch = TimeSpan.FromMilliseconds(100);

    public static void Check(JsonElement schema, JsonElement value, SchemaPlace place, List<SettingsProblem> problems)
    {
        if (schema.TryGetProperty("const", out var only) && !JsonElement.DeepEquals(only, value))
        {
            SchemaEvaluator.Add(problems, place.Problem("literal_error", $"Should be {Short(only)}"));
        }

        if (
            schema.TryGetProperty("enum", out var allowed)
            && allowed.ValueKind == JsonValueKind.Array
            && !allowed.EnumerateArray().Any(item => JsonElement.DeepEquals(item, value))
        )
        {
            var names = string.Join(", ", allowed.EnumerateArray().Take(20).Select(Short));
            SchemaEvaluator.Add(problems, place.Problem("enum", $"Should be one of {names}"));
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            Text(schema, value.GetString()!, place, problems);
        }
        else if (value.ValueKind == JsonValueKind.Number)
        {
            Number(schema, value.GetDouble(), place, problems);
        }
    }

    /// <summary>A whole number that a keyword gives; null when it does not.</summary>
    public static long? Count(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var limit)
        && limit.ValueKind == JsonValueKind.Number
        && limit.TryGetDouble(out var number)
            ? (long)number
            : null;

    /// <summary>Whether a text fits a pattern; null when the pattern is none, or takes too long.</summary>
    public static bool? Matches(string pattern, string text)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, _longestMatch);
        }
        catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private static void Text(JsonElement schema, string text, SchemaPlace place, List<SettingsProblem> problems)
    {
        if (
            Count(schema, "minLength") is { } min
            && new StringInfo(text).LengthInTextElements < min
            && text.Length < min
        )
        {
            SchemaEvaluator.Add(problems, place.Problem("string_too_short", $"Should have at least {min} characters"));
        }

        if (Count(schema, "maxLength") is { } max && text.Length > max && text.EnumerateRunes().LongCount() > max)
        {
            SchemaEvaluator.Add(problems, place.Problem("string_too_long", $"Should have at most {max} characters"));
        }

        if (
            schema.TryGetProperty("pattern", out var pattern)
            && pattern.ValueKind == JsonValueKind.String
            && Matches(pattern.GetString()!, text) != true
        )
        {
            SchemaEvaluator.Add(
                problems,
                place.Problem("string_pattern_mismatch", $"Should match the pattern {pattern.GetString()}")
            );
        }
    }

    private static void Number(JsonElement schema, double number, SchemaPlace place, List<SettingsProblem> problems)
    {
        Limit("minimum", "greater_than_equal", "at least", limit => number >= limit);
        Limit("maximum", "less_than_equal", "at most", limit => number <= limit);
        Limit("exclusiveMinimum", "greater_than", "more than", limit => number > limit);
        Limit("exclusiveMaximum", "less_than", "less than", limit => number < limit);
        Limit(
            "multipleOf",
            "multiple_of",
            "a multiple of",
            limit => limit <= 0 || Math.Abs(number / limit - Math.Round(number / limit)) < 1e-9
        );

        void Limit(string keyword, string code, string words, Func<double, bool> holds)
        {
            if (
                schema.TryGetProperty(keyword, out var limit)
                && limit.ValueKind == JsonValueKind.Number
                && !holds(limit.GetDouble())
            )
            {
                SchemaEvaluator.Add(problems, place.Problem(code, $"Should be {words} {limit.GetRawText()}"));
            }
        }
    }

    private static string Short(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "…";
    }
}
