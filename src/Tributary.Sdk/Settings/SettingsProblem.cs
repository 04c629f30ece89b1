namespace Tributary.Sdk.Settings;

/// <summary>One mistake in a JSON value.</summary>
/// <param name="Path">Members (text) and positions (integers) from the root to the mistake.</param>
/// <param name="Code">What kind of mistake, in the words that FastAPI's users know: <c>missing</c>, <c>string_type</c>, <c>int_parsing</c>, <c>enum</c>, …</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record SettingsProblem(IReadOnlyList<object> Path, string Code, string Message)
{
    /// <summary>For <see cref="IValidatable"/>: a mistake of one member that is not one of its type.</summary>
    public static SettingsProblem Of(string member, string message) => new([member], "value_error", message);

    /// <summary>The same mistake, seen from further up.</summary>
    public SettingsProblem Under(params IReadOnlyList<object> prefix) => this with { Path = [.. prefix, .. Path] };
}
