using System.Text.Json;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Connectors;

/// <summary>
/// Credentials of the operator's own accounts that connectors may use without any of their own, within an allowance a
/// workspace. Given as JSON, <c>{slug: {"config": {…}, "credentials": {…}, "allowance": {"unit": "day", "max": 1000}}}</c>,
/// or as the path of a file with it. Of a custom integration <c>credentials</c> is its whole config.
/// </summary>
public sealed class SharedCredentials(EngineOptions options, IIntegrationCatalog catalog)
{
    private readonly IReadOnlyDictionary<string, SharedOffer> _offers = Parse(options.SharedCredentials);

    /// <summary>What is offered for an integration; null when nothing is.</summary>
    /// <param name="slug">Its slug or alias.</param>
    public SharedOffer? Find(string slug) => _offers.GetValueOrDefault(catalog.Find(slug)?.Manifest.Slug ?? slug);

    /// <summary>Reads the setting.</summary>
    /// <exception cref="FormatException">What is wrong with it, without any of its values: they are secrets.</exception>
    public static IReadOnlyDictionary<string, SharedOffer> Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new Dictionary<string, SharedOffer>();
        }

        JsonElement json;
        try
        {
            using var document = JsonDocument.Parse(
                text.TrimStart().StartsWith('{') ? text : File.ReadAllText(text.Trim())
            );
            json = document.RootElement.Clone();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"The file of shared credentials cannot be read: {exception.Message}");
        }
        catch (JsonException exception)
        {
            throw new FormatException(
                $"It is neither JSON nor the path of a JSON file (line {exception.LineNumber + 1})."
            );
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("It has to be a JSON object with a member for each integration.");
        }

        var offers = new Dictionary<string, SharedOffer>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            var problems = new List<SettingsProblem>();
            offers[member.Name] =
                SettingsReader.Read<SharedOffer>(member.Value, UnknownMembers.Refused, problems)
                ?? throw new FormatException(
                    string.Join(
                        "; ",
                        problems.Select(problem => $"{member.Name}.{string.Join('.', problem.Path)}: {problem.Message}")
                    )
                );
        }

        return offers;
    }
}

/// <summary>What the operator offers for one integration.</summary>
public sealed record SharedOffer
{
    /// <summary>The config; its members have their defaults when it is left out.</summary>
    public JsonElement Config { get; init; } = JsonElement.Parse("{}");

    /// <summary>The credentials.</summary>
    public required JsonElement Credentials { get; init; }

    /// <summary>What each workspace may use of them.</summary>
    public required Allowance Allowance { get; init; }
}

/// <summary>At most <see cref="Max"/> requests of a workspace in any window of one <see cref="Unit"/>.</summary>
public sealed record Allowance
{
    /// <summary>The length of the rolling window.</summary>
    public required RateUnit Unit { get; init; }

    /// <summary>Requests in it.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, int.MaxValue)]
    public required int Max { get; init; }
}
