using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Sdk.Settings;

/// <summary>What to do with members that a settings type does not have.</summary>
public enum UnknownMembers
{
    /// <summary>A mistake, with the nearest known name as a hint.</summary>
    Refused,

    /// <summary>Passed over.</summary>
    Ignored,
}

/// <summary>
/// Reads a JSON value into a settings type and names every mistake in it, not only the first. Types are coerced as
/// mildly as FastAPI does it ("60" is a number, "true" a truth value).
/// </summary>
public static class SettingsReader
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyDictionary<string, object>> Enums = new();

    /// <summary>Reads.</summary>
    /// <param name="type">The settings type.</param>
    /// <param name="json">The value.</param>
    /// <param name="unknown">What to do with unknown members of the outermost object; inner objects refuse them in any case when the outer does.</param>
    /// <param name="problems">Receives every mistake; paths start at <paramref name="json"/>.</param>
    /// <returns>The settings, or null when there was a mistake.</returns>
    public static object? Read(
        Type type,
        JsonElement json,
        UnknownMembers unknown,
        ICollection<SettingsProblem> problems
    )
    {
        var walk = new SettingsWalk(unknown, problems);
        var before = problems.Count;
        var value = walk.Value(type, json, []);
        return problems.Count == before ? value : null;
    }

    /// <inheritdoc cref="Read(Type, JsonElement, UnknownMembers, ICollection{SettingsProblem})"/>
    public static T? Read<T>(JsonElement json, UnknownMembers unknown, ICollection<SettingsProblem> problems)
        where T : class => (T?)Read(typeof(T), json, unknown, problems);

    /// <summary>The JSON names of an enum's values, in the order of declaration.</summary>
    public static IReadOnlyDictionary<string, object> EnumValues(Type type) =>
        Enums.GetOrAdd(
            type,
            static key =>
                key.GetFields(BindingFlags.Public | BindingFlags.Static)
                    .ToDictionary(
                        field =>
                            field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
                            ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name),
                        field => field.GetValue(null)!,
                        StringComparer.Ordinal
                    )
        );

    internal static bool IsSettingsObject(Type type) =>
        type.IsClass
        && type != typeof(string)
        && type != typeof(Uri)
        && !typeof(IEnumerable).IsAssignableFrom(type)
        && type.GetConstructor(Type.EmptyTypes) is not null;

    internal static Type? ElementType(Type type)
    {
        if (type == typeof(string))
        {
            return null;
        }

        if (type.IsArray)
        {
            return type.GetElementType();
        }

        return
            type.IsGenericType
            && type.GetGenericArguments() is [var element]
            && typeof(IEnumerable).IsAssignableFrom(type)
            ? element
            : null;
    }

    internal static Type? DictionaryValueType(Type type) =>
        type.IsGenericType
        && type.GetGenericArguments() is [var key, var value]
        && key == typeof(string)
        && typeof(IEnumerable).IsAssignableFrom(type)
            ? value
            : null;
}
