using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Mail;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tributary.Contract.Specs;

/// <summary>Which way a message goes: members that are read-only need not be sent, write-only ones need not be answered.</summary>
public enum Direction
{
    Request,
    Answer,
}

/// <summary>
/// Judges values by the schemas of one description: the JSON Schema words that OpenAPI 3.0 and 3.1 use, on the parsed
/// JSON itself. <c>oneOf</c> is judged as <c>anyOf</c>, since vendors' alternatives overlap; a discriminator chooses where
/// there is one. Formats are judged where a wrong one would matter (times, dates, ids, addresses).
/// </summary>
public sealed partial class SchemaRules(JsonElement description)
{
    private const int MaxDepth = 64;

    // The place of a fault that nobody asks for: making the names of places costs more than judging.
    private const string Nowhere = "";

    private readonly ConcurrentDictionary<string, JsonElement> _targets = new(StringComparer.Ordinal);

    /// <summary>What a reference points to; the element itself when it is none.</summary>
    public JsonElement Resolve(JsonElement element)
    {
        for (var hops = 0; hops < 20 && Text(element, "$ref") is { } reference; hops++)
        {
            element = _targets.GetOrAdd(reference, Find);
        }

        return element;
    }

    /// <summary>Every rule that a value breaks.</summary>
    public IEnumerable<(string Path, string Rule)> Judge(
        JsonElement value,
        JsonElement schema,
        Direction direction,
        string path = "$"
    ) => Fits(value, schema, direction, 0) ? [] : Faults(value, schema, direction, path, 0);

    /// <summary>Whether it breaks none, which ends at the first and names nothing.</summary>
    private bool Fits(JsonElement value, JsonElement schema, Direction direction, int depth) =>
        !Faults(value, schema, direction, Nowhere, depth).Any();

    private IEnumerable<(string Path, string Rule)> Faults(
        JsonElement value,
        JsonElement schema,
        Direction direction,
        string path,
        int depth
    )
    {
        schema = Resolve(schema);
        if (schema.ValueKind == JsonValueKind.False)
        {
            return [(path, "nothing is allowed here")];
        }

        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth)
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.Null && AllowsNull(schema))
        {
            return [];
        }

        return JudgeType(value, schema, path)
            .Concat(JudgeCombined(value, schema, direction, path, depth))
            .Concat(
                value.ValueKind switch
                {
                    JsonValueKind.Object => JudgeObject(value, schema, direction, path, depth),
                    JsonValueKind.Array => JudgeArray(value, schema, direction, path, depth),
                    JsonValueKind.String => JudgeText(value.GetString()!, schema, path),
                    JsonValueKind.Number => JudgeNumber(value.GetDouble(), schema, path),
                    _ => [],
                }
            );
    }

    /// <summary>Its types in words; empty when it allows any.</summary>
    public IReadOnlyList<string> TypesOf(JsonElement schema)
    {
        schema = Resolve(schema);
        return !schema.TryGetProperty("type", out var type) ? []
            : type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(item => item.GetString()!)]
            : [type.GetString()!];
    }

    private JsonElement Find(string reference)
    {
        var target = description;
        foreach (var part in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/").Replace("~0", "~");
            if (!target.TryGetProperty(name, out target))
            {
                throw new InvalidOperationException($"The description refers to {reference}, which it has not.");
            }
        }

        return target;
    }

    private static bool AllowsNull(JsonElement schema) =>
        schema.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True;

    private IEnumerable<(string, string)> JudgeType(JsonElement value, JsonElement schema, string path)
    {
        var types = TypesOf(schema);
        if (types.Count > 0 && !types.Any(type => Is(value, type)))
        {
            yield return (path, $"is {NameOf(value)}, should be {string.Join(" or ", types)}");
        }

        if (schema.TryGetProperty("enum", out var allowed) && !allowed.EnumerateArray().Any(item => Same(item, value)))
        {
            yield return (path, $"is {Shown(value)}, should be one of {Shown(allowed)}");
        }

        if (schema.TryGetProperty("const", out var constant) && !Same(constant, value))
        {
            yield return (path, $"is {Shown(value)}, should be {Shown(constant)}");
        }
    }

    private IEnumerable<(string, string)> JudgeCombined(
        JsonElement value,
        JsonElement schema,
        Direction direction,
        string path,
        int depth
    )
    {
        if (schema.TryGetProperty("allOf", out var all))
        {
            foreach (
                var fault in all.EnumerateArray().SelectMany(part => Faults(value, part, direction, path, depth + 1))
            )
            {
                yield return fault;
            }
        }

        foreach (var word in new[] { "anyOf", "oneOf" })
        {
            if (!schema.TryGetProperty(word, out var some))
            {
                continue;
            }

            var chosen = Chosen(value, schema);
            JsonElement[] parts = chosen is { } one ? [one] : [.. some.EnumerateArray()];

            if (parts.Length == 0 || parts.Any(part => Fits(value, part, direction, depth + 1)))
            {
                continue;
            }

            if (path == Nowhere)
            {
                yield return (path, "fits no alternative");
                continue;
            }

            // The nearest alternative is the one that was meant.
            var nearest = parts
                .Select(part => Faults(value, part, direction, path, depth + 1).ToList())
                .OrderByDescending(verdict => verdict.Max(fault => fault.Path.Length))
                .First();
            yield return (nearest[0].Path, $"{nearest[0].Rule} (the nearest of {parts.Length} alternatives)");
        }

        if (schema.TryGetProperty("not", out var not) && Fits(value, not, direction, depth + 1))
        {
            yield return (path, "is what the description rules out");
        }
    }

    private JsonElement? Chosen(JsonElement value, JsonElement schema)
    {
        if (
            value.ValueKind == JsonValueKind.Object
            && schema.TryGetProperty("discriminator", out var discriminator)
            && Text(discriminator, "propertyName") is { } name
            && discriminator.TryGetProperty("mapping", out var mapping)
            && Text(value, name) is { } kind
            && Text(mapping, kind) is { } target
        )
        {
            var reference = target.Contains('/') ? target : "#/components/schemas/" + target;
            return JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["$ref"] = reference });
        }

        return null;
    }

    private IEnumerable<(string, string)> JudgeObject(
        JsonElement value,
        JsonElement schema,
        Direction direction,
        string path,
        int depth
    )
    {
        var has = schema.TryGetProperty("properties", out var properties);
        if (schema.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array)
        {
            foreach (var name in required.EnumerateArray().Select(item => item.GetString()!))
            {
                var isExempt =
                    has
                    && properties.TryGetProperty(name, out var property)
                    && Flag(Resolve(property), direction == Direction.Request ? "readOnly" : "writeOnly");
                if (!isExempt && !value.TryGetProperty(name, out _))
                {
                    yield return ($"{path}.{name}", "is required and missing");
                }
            }
        }

        schema.TryGetProperty("patternProperties", out var patterns);
        var isOpen = !schema.TryGetProperty("additionalProperties", out var additional);
        foreach (var member in value.EnumerateObject())
        {
            var isKnown = false;
            if (has && properties.TryGetProperty(member.Name, out var known))
            {
                isKnown = true;
                foreach (var fault in Faults(member.Value, known, direction, Below(path, member.Name), depth + 1))
                {
                    yield return fault;
                }
            }

            foreach (
                var pattern in patterns.ValueKind == JsonValueKind.Object
                    ? [.. patterns.EnumerateObject()]
                    : Array.Empty<JsonProperty>()
            )
            {
                if (!Regex.IsMatch(member.Name, pattern.Name))
                {
                    continue;
                }

                isKnown = true;
                foreach (
                    var fault in Faults(member.Value, pattern.Value, direction, Below(path, member.Name), depth + 1)
                )
                {
                    yield return fault;
                }
            }

            if (isKnown || isOpen)
            {
                continue;
            }

            if (additional.ValueKind == JsonValueKind.False)
            {
                yield return ($"{path}.{member.Name}", "is not described, and nothing else is allowed");
                continue;
            }

            foreach (var fault in Faults(member.Value, additional, direction, Below(path, member.Name), depth + 1))
            {
                yield return fault;
            }
        }

        if (Number(schema, "minProperties") is { } least && value.EnumerateObject().Count() < least)
        {
            yield return (path, $"has fewer than {least} members");
        }
    }

    private IEnumerable<(string, string)> JudgeArray(
        JsonElement value,
        JsonElement schema,
        Direction direction,
        string path,
        int depth
    )
    {
        var count = value.GetArrayLength();
        if (Number(schema, "minItems") is { } least && count < least)
        {
            yield return (path, $"has {count} items, should have at least {least}");
        }

        if (Number(schema, "maxItems") is { } most && count > most)
        {
            yield return (path, $"has {count} items, should have at most {most}");
        }

        if (
            Flag(schema, "uniqueItems")
            && value.EnumerateArray().Select(item => item.GetRawText()).Distinct().Count() < count
        )
        {
            yield return (path, "has an item twice");
        }

        if (!schema.TryGetProperty("items", out var items))
        {
            yield break;
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            foreach (
                var fault in Faults(item, items, direction, path == Nowhere ? path : $"{path}[{index}]", depth + 1)
            )
            {
                yield return fault;
            }

            index++;
        }
    }

    private static IEnumerable<(string, string)> JudgeText(string text, JsonElement schema, string path)
    {
        if (Number(schema, "minLength") is { } least && text.Length < least)
        {
            yield return (path, $"is shorter than {least}");
        }

        if (Number(schema, "maxLength") is { } most && text.Length > most)
        {
            yield return (path, $"is longer than {most}");
        }

        if (Text(schema, "pattern") is { } pattern && !Regex.IsMatch(text, pattern, RegexOptions.ECMAScript))
        {
            yield return (path, $"is \"{text}\", should match {pattern}");
        }

        if (Text(schema, "format") is { } format && !HasFormat(text, format))
        {
            yield return (path, $"is \"{text}\", which is no {format}");
        }
    }

    private static IEnumerable<(string, string)> JudgeNumber(double number, JsonElement schema, string path)
    {
        if (Number(schema, "minimum") is { } least && number < least)
        {
            yield return (path, $"is {number}, should be at least {least}");
        }

        if (Number(schema, "maximum") is { } most && number > most)
        {
            yield return (path, $"is {number}, should be at most {most}");
        }
    }

    private static bool HasFormat(string text, string format) =>
        format switch
        {
            "date-time" => Time().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
            "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", out _),
            "uuid" => Guid.TryParse(text, out _),
            "email" => MailAddress.TryCreate(text, out _),
            "uri" or "url" => Uri.TryCreate(text, UriKind.Absolute, out _),
            "int64" or "snowflake" => long.TryParse(text, CultureInfo.InvariantCulture, out _),
            "uint64" => ulong.TryParse(text, CultureInfo.InvariantCulture, out _),
            _ => true,
        };

    private static bool Is(JsonElement value, string type) =>
        type switch
        {
            "null" => value.ValueKind == JsonValueKind.Null,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "string" or "file" => value.ValueKind == JsonValueKind.String,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && value.GetDouble() % 1 == 0,
            "array" => value.ValueKind == JsonValueKind.Array,
            "object" => value.ValueKind == JsonValueKind.Object,
            _ => true,
        };

    private static string Below(string path, string name) => path == Nowhere ? path : $"{path}.{name}";

    private static bool Same(JsonElement left, JsonElement right) => JsonElement.DeepEquals(left, right);

    private static string Shown(JsonElement value) =>
        value.GetRawText() is { Length: > 120 } text ? text[..120] + "…" : value.GetRawText();

    private static string NameOf(JsonElement value) =>
        $"{value.ValueKind.ToString().ToLowerInvariant()} {Shown(value)}";

    private static bool Flag(JsonElement element, string name) =>
        element.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;

    private static double? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number
            ? number.GetDouble()
            : null;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var text)
        && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})$")]
    private static partial Regex Time();
}
