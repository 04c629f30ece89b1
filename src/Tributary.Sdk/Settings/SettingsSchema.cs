using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Sdk.Settings;

/// <summary>
/// What a settings type (config, credentials, a request's body) consists of, read from its properties once:
/// validation, JSON Schema, forms, docs and command-line help all follow from this.
/// </summary>
public sealed class SettingsSchema
{
    private static readonly ConcurrentDictionary<Type, SettingsSchema> Cache = new();

    private readonly Dictionary<string, SettingsMember> _byName;

    private SettingsSchema(Type type)
    {
        Type = type;
        var defaults = Activator.CreateInstance(type)!;
        Members =
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.SetMethod is not null && !property.IsDefined(typeof(JsonIgnoreAttribute)))
                .Select(property => new SettingsMember(property, property.GetValue(defaults))),
        ];
        _byName = Members
            .SelectMany(member => member.Aliases.Prepend(member.Name).Select(name => (name, member)))
            .ToDictionary(pair => pair.name, pair => pair.member, StringComparer.Ordinal);
    }

    /// <summary>The record.</summary>
    public Type Type { get; }

    /// <summary>Its members in the order in which they are declared.</summary>
    public ImmutableArray<SettingsMember> Members { get; }

    /// <summary>The schema of a type with a parameterless constructor and init-only properties.</summary>
    public static SettingsSchema For(Type type) => Cache.GetOrAdd(type, key => new SettingsSchema(key));

    /// <summary>The member with this JSON name or alias; null when there is none.</summary>
    public SettingsMember? Find(string name) => _byName.GetValueOrDefault(name);
}

/// <summary>A member of a settings type.</summary>
public sealed class SettingsMember
{
    private static readonly NullabilityInfoContext Nullability = new();
    private static readonly Lock NullabilityLock = new();

    internal SettingsMember(PropertyInfo property, object? defaultValue)
    {
        Property = property;
        Name =
            property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
            ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        Aliases = [.. property.GetCustomAttribute<AliasAttribute>()?.Names ?? []];
        Description = property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "";
        Example = property.GetCustomAttribute<ExampleAttribute>()?.Value;
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        IsSecret = property.IsDefined(typeof(SecretAttribute));
        IsAdvanced = property.IsDefined(typeof(AdvancedAttribute));
        Rules = [.. property.GetCustomAttributes<ValidationAttribute>()];
        Default = defaultValue;
        lock (NullabilityLock)
        {
            AllowsNull =
                Nullable.GetUnderlyingType(property.PropertyType) is not null
                || (
                    !property.PropertyType.IsValueType
                    && Nullability.Create(property).WriteState == NullabilityState.Nullable
                );
        }
    }

    /// <summary>The property.</summary>
    public PropertyInfo Property { get; }

    /// <summary>Its name in JSON.</summary>
    public string Name { get; }

    /// <summary>Other names in JSON.</summary>
    public ImmutableArray<string> Aliases { get; }

    /// <summary>One sentence or two for tooltip, schema, docs and help.</summary>
    public string Description { get; }

    /// <summary>A value to show; null when none.</summary>
    public string? Example { get; }

    /// <summary>Has to be given.</summary>
    public bool IsRequired { get; }

    /// <summary>May be null.</summary>
    public bool AllowsNull { get; }

    /// <summary>Is a secret.</summary>
    public bool IsSecret { get; }

    /// <summary>Is folded away in forms.</summary>
    public bool IsAdvanced { get; }

    /// <summary>Ranges, lengths, patterns.</summary>
    public ImmutableArray<ValidationAttribute> Rules { get; }

    /// <summary>The value when it is not given; null for required members.</summary>
    public object? Default { get; }
}
