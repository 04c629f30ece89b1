using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;

namespace Tributary.Sdk.Settings;

/// <summary>One reading of one value: goes on after a mistake, to find them all.</summary>
internal sealed class SettingsWalk(UnknownMembers unknown, ICollection<SettingsProblem> problems)
{
    private const int MaxDepth = 32;

    public object? Value(Type declared, JsonElement json, object[] path)
    {
        if (path.Length > MaxDepth)
        {
            return Problem(path, "recursion_loop", $"Nested more than {MaxDepth} levels deep");
        }

        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(JsonElement))
        {
            return json;
        }

        if (type == typeof(string))
        {
            return Text(json, path);
        }

        if (type == typeof(bool))
        {
            return Truth(json, path);
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return Integer(type, json, path);
        }

        if (type == typeof(double))
        {
            return Number(json, path);
        }

        if (type.IsEnum)
        {
            return Enumerated(type, json, path);
        }

        if (type == typeof(DateTimeOffset))
        {
            return Time(json, path);
        }

        if (type == typeof(Guid))
        {
            return json.ValueKind == JsonValueKind.String && Guid.TryParse(json.GetString(), out var id)
                ? id
                : Problem(path, "uuid_parsing", "Input should be a valid UUID");
        }

        if (SettingsReader.DictionaryValueType(type) is { } valueType)
        {
            return Dictionary(valueType, json, path);
        }

        if (SettingsReader.ElementType(type) is { } elementType)
        {
            return List(elementType, json, path);
        }

        if (SettingsReader.IsSettingsObject(type))
        {
            return Object(SettingsSchema.For(type), json, path);
        }

        return Converted(type, json, path);
    }

    private object? Object(SettingsSchema schema, JsonElement json, object[] path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Problem(path, "dict_type", "Input should be an object");
        }

        var before = problems.Count;
        var result = Activator.CreateInstance(schema.Type)!;
        HashSet<SettingsMember>? given = null;
        foreach (var property in json.EnumerateObject())
        {
            if (schema.Find(property.Name) is not { } member)
            {
                if (unknown == UnknownMembers.Refused)
                {
                    Problem([.. path, property.Name], "extra_forbidden", UnknownMember(schema, property.Name));
                }

                continue;
            }

            (given ??= []).Add(member);
            Member(member, property.Value, [.. path, property.Name], result);
        }

        foreach (var member in schema.Members)
        {
            if (member.IsRequired && given?.Contains(member) != true)
            {
                Problem([.. path, member.Name], "missing", "Field required");
            }
        }

        if (problems.Count == before && result is IValidatable validatable)
        {
            foreach (var problem in validatable.Validate())
            {
                problems.Add(problem.Under(path));
            }
        }

        return problems.Count == before ? result : null;
    }

    private void Member(SettingsMember member, JsonElement json, object[] path, object target)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            // Clients send null for "not given": for a member with a default it means the default.
            if (member.IsRequired && !member.AllowsNull)
            {
                Value(member.Property.PropertyType, json, path);
            }
            else if (member.AllowsNull)
            {
                member.Property.SetValue(target, null);
            }

            return;
        }

        var before = problems.Count;
        var value = Value(member.Property.PropertyType, json, path);
        if (problems.Count > before)
        {
            return;
        }

        foreach (var rule in member.Rules)
        {
            if (!rule.IsValid(value))
            {
                Problem(path, CodeOf(rule, value), rule.FormatErrorMessage(member.Name));
            }
        }

        member.Property.SetValue(target, value);
    }

    private string? Text(JsonElement json, object[] path)
    {
        if (json.ValueKind != JsonValueKind.String)
        {
            return (string?)Problem(path, "string_type", "Input should be a valid string");
        }

        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            return (string?)Problem(
                path,
                "string_unicode",
                "Input should be valid Unicode: it holds half of a surrogate pair"
            );
        }
    }

    private object? Truth(JsonElement json, object[] path) =>
        json.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when Text(json, path) is { } text => text.ToLowerInvariant() switch
            {
                "true" or "1" or "yes" or "on" => true,
                "false" or "0" or "no" or "off" => false,
                _ => Problem(path, "bool_parsing", "Input should be a valid boolean: true or false"),
            },
            JsonValueKind.Number when json.TryGetInt32(out var number) && number is 0 or 1 => number == 1,
            _ => Problem(path, "bool_type", "Input should be a valid boolean: true or false"),
        };

    private object? Integer(Type type, JsonElement json, object[] path)
    {
        long number;
        switch (json.ValueKind)
        {
            case JsonValueKind.Number when json.TryGetInt64(out number):
                break;
            case JsonValueKind.Number
                when json.TryGetDouble(out var real) && Math.Abs(real) < 1e15 && real == Math.Floor(real):
                number = (long)real;
                break;
            case JsonValueKind.Number:
                return Problem(path, "int_from_float", "Input should be a valid integer");
            case JsonValueKind.String
                when Text(json, path) is { } text
                    && long.TryParse(
                        text.Trim(),
                        NumberStyles.AllowLeadingSign,
                        CultureInfo.InvariantCulture,
                        out number
                    ):
                break;
            case JsonValueKind.String:
                return Problem(
                    path,
                    "int_parsing",
                    "Input should be a valid integer, unable to parse string as an integer"
                );
            default:
                return Problem(path, "int_type", "Input should be a valid integer");
        }

        if (type == typeof(long))
        {
            return number;
        }

        return number switch
        {
            > int.MaxValue => Problem(path, "less_than_equal", $"Input should be less than or equal to {int.MaxValue}"),
            < int.MinValue => Problem(
                path,
                "greater_than_equal",
                $"Input should be greater than or equal to {int.MinValue}"
            ),
            _ => (int)number,
        };
    }

    private object? Number(JsonElement json, object[] path) =>
        json.ValueKind switch
        {
            JsonValueKind.Number when json.TryGetDouble(out var number) && double.IsFinite(number) => number,
            JsonValueKind.String
                when Text(json, path) is { } text
                    && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    && double.IsFinite(number) => number,
            _ => Problem(path, "float_type", "Input should be a valid, finite number"),
        };

    private object? Enumerated(Type type, JsonElement json, object[] path)
    {
        var values = SettingsReader.EnumValues(type);
        return
            json.ValueKind == JsonValueKind.String
            && Text(json, path) is { } text
            && values.TryGetValue(text, out var value)
            ? value
            : Problem(path, "enum", $"Input should be {OneOf(values.Keys)}");
    }

    private object? Time(JsonElement json, object[] path)
    {
        // Dates without a zone are UTC, never the machine's zone.
        if (
            json.ValueKind == JsonValueKind.String
            && Text(json, path) is { } text
            && DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time
            )
        )
        {
            return time;
        }

        if (
            json.ValueKind == JsonValueKind.Number
            && json.TryGetInt64(out var seconds)
            && seconds is > -62_135_596_800 and < 253_402_300_799
        )
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        return Problem(
            path,
            "datetime_parsing",
            "Input should be a date and time in ISO 8601, e.g. 2025-01-15T08:30:00Z"
        );
    }

    private object? List(Type elementType, JsonElement json, object[] path)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            return Problem(path, "list_type", "Input should be a valid list");
        }

        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(elementType))!;
        var index = 0;
        foreach (var item in json.EnumerateArray())
        {
            var value = Value(elementType, item, [.. path, index++]);
            if (value is not null || !elementType.IsValueType)
            {
                list.Add(value);
            }
        }

        return list;
    }

    private object? Dictionary(Type valueType, JsonElement json, object[] path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Problem(path, "dict_type", "Input should be an object");
        }

        var result = (IDictionary)
            Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
        foreach (var property in json.EnumerateObject())
        {
            var value = Value(valueType, property.Value, [.. path, property.Name]);
            if (value is not null || !valueType.IsValueType)
            {
                result[property.Name] = value;
            }
        }

        return result;
    }

    private object? Converted(Type type, JsonElement json, object[] path)
    {
        try
        {
            return json.Deserialize(type, SettingsJson.Options);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return Problem(path, "value_error", exception.InnerException?.Message ?? exception.Message);
        }
    }

    private object? Problem(object[] path, string code, string message)
    {
        problems.Add(new SettingsProblem(path, code, message));
        return null;
    }

    private static string CodeOf(ValidationAttribute rule, object? value) =>
        rule switch
        {
            RangeAttribute range => Comparer.DefaultInvariant.Compare(
                Convert.ToDouble(value, CultureInfo.InvariantCulture),
                Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture)
            ) < 0
                ? "greater_than_equal"
                : "less_than_equal",
            MinLengthAttribute or LengthAttribute or StringLengthAttribute when value is string => "string_too_short",
            MinLengthAttribute => "too_short",
            MaxLengthAttribute when value is string => "string_too_long",
            MaxLengthAttribute => "too_long",
            RegularExpressionAttribute => "string_pattern_mismatch",
            _ => "value_error",
        };

    private static string UnknownMember(SettingsSchema schema, string name)
    {
        var names = schema.Members.Select(member => member.Name).ToList();
        var nearest = names.FirstOrDefault(known =>
            known.Contains(name, StringComparison.OrdinalIgnoreCase)
            || name.Contains(known, StringComparison.OrdinalIgnoreCase)
        );
        return names.Count == 0 ? "Extra inputs are not permitted: there are no members here"
            : nearest is not null ? $"Extra inputs are not permitted; did you mean '{nearest}'?"
            : $"Extra inputs are not permitted; known members are {string.Join(", ", names)}";
    }

    private static string OneOf(IEnumerable<string> names)
    {
        var quoted = names.Select(name => $"'{name}'").ToList();
        return quoted.Count == 1 ? quoted[0] : $"{string.Join(", ", quoted[..^1])} or {quoted[^1]}";
    }
}
