using System.Buffers;
using System.Collections;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Http;

/// <summary>Reads a query string into a settings type, with the same coercions and mistakes as a body.</summary>
internal static class QueryString
{
    /// <summary>Reads; unknown parameters are passed over, of a repeated one the last counts unless the member is a list.</summary>
    /// <exception cref="RequestException">422 with every mistake.</exception>
    public static T Read<T>(IQueryCollection query)
        where T : class
    {
        var problems = new List<SettingsProblem>();
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var member in SettingsSchema.For(typeof(T)).Members)
            {
                Write(json, member, query, problems);
            }

            json.WriteEndObject();
        }

        var value = SettingsReader.Read<T>(JsonElement.Parse(buffer.WrittenSpan), UnknownMembers.Ignored, problems);
        return value is not null && problems.Count == 0
            ? value
            : throw new RequestException([.. problems.Select(problem => problem.Under("query"))]);
    }

    private static void Write(
        Utf8JsonWriter json,
        SettingsMember member,
        IQueryCollection query,
        List<SettingsProblem> problems
    )
    {
        var type = member.Property.PropertyType;
        var isList = type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type);
        var values = isList ? ListValues(query, member.Name) : query[member.Name];
        if (values.Count == 0)
        {
            return;
        }

        if (values.Any(value => value!.Contains('\0')))
        {
            problems.Add(new SettingsProblem([member.Name], "value_error", "May not hold NUL characters"));
            return;
        }

        json.WritePropertyName(member.Name);
        if (isList)
        {
            json.WriteStartArray();
            foreach (var value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }
        else
        {
            json.WriteStringValue(values[^1]);
        }
    }

    /// <summary>Lists come as <c>k=a&amp;k=b</c>, <c>k[]=a&amp;k[]=b</c> or <c>k[0]=a&amp;k[1]=b</c>, as clients' libraries have it.</summary>
    private static StringValues ListValues(IQueryCollection query, string name)
    {
        var values = StringValues.Concat(query[name], query[$"{name}[]"]);
        for (var i = 0; query.TryGetValue($"{name}[{i}]", out var item); i++)
        {
            values = StringValues.Concat(values, item);
        }

        return values;
    }
}
