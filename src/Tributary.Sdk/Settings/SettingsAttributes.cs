namespace Tributary.Sdk.Settings;

/// <summary>The member is a secret: encrypted at rest, masked in every answer.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;

/// <summary>The member is for the few: forms fold it away.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AdvancedAttribute : Attribute;

/// <summary>A value for forms and docs to show, e.g. <c>https://docs.example.com</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExampleAttribute(string value) : Attribute
{
    /// <summary>The value.</summary>
    public string Value { get; } = value;
}

/// <summary>Other JSON names that are read for this member.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AliasAttribute(params string[] names) : Attribute
{
    /// <summary>The names.</summary>
    public IReadOnlyList<string> Names { get; } = names;
}

/// <summary>Implemented by settings whose members depend on one another.</summary>
public interface IValidatable
{
    /// <summary>Every mistake that is left once each member is right by itself. Paths start at the settings object.</summary>
    IEnumerable<SettingsProblem> Validate();
}
