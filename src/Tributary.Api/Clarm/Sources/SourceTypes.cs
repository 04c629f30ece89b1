using System.Text.Json;
using Tributary.Api.Http;
using Tributary.Engine.Connectors;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Clarm.Sources;

/// <summary>The source types that the dialect names, of which this version may not read all.</summary>
internal static class SourceTypes
{
    public static void Map(DialectRoutes routes) =>
        routes
            .Map("GET", "/v1/sources/types", ListAsync, "The source types, and whether this version reads them")
            .Answers<Page<SourceTypeAnswer>>();

    /// <summary>Mistakes of the member <c>type</c> beyond its being a text.</summary>
    public static IEnumerable<SettingsProblem> Check(
        JsonElement source,
        IIntegrationCatalog catalog,
        string member = "type"
    )
    {
        if (
            Member(source, member) is { ValueKind: JsonValueKind.String } type
            && type.GetString() is { } name
            && !catalog.KnownTypes.Contains(name)
            && catalog.Find(name) is null
        )
        {
            yield return new SettingsProblem([member], "enum", $"Input should be {OneOf(catalog.KnownTypes)}");
        }
    }

    /// <summary>Mistakes of config and credentials, as far as the type is known and they are objects.</summary>
    public static IEnumerable<SettingsProblem> CheckSettings(JsonElement source, IIntegrationCatalog catalog)
    {
        if (
            Member(source, "type") is not { ValueKind: JsonValueKind.String } type
            || catalog.Find(type.GetString()!) is not { } integration
        )
        {
            return [];
        }

        var credentials = Member(source, "credential") is { } credential ? Member(credential, "credentials") : null;
        return
        [
            .. Check(integration, integration.ConfigType, Member(source, "config"), "body", "config"),
            .. Check(integration, integration.CredentialsType, credentials, "body", "credential", "credentials"),
        ];
    }

    /// <summary>Refuses a type that is known but cannot be read by this version.</summary>
    public static void DemandReadable(string type, IIntegrationCatalog catalog)
    {
        if (catalog.Find(type) is null)
        {
            throw new RequestException(
                400,
                $"Sources of type '{type}' cannot be read by this version. GET /v1/sources/types lists those that can."
            );
        }
    }

    private static IEnumerable<SettingsProblem> Check(
        Integration integration,
        Type settings,
        JsonElement? json,
        params object[] path
    )
    {
        var problems = new List<SettingsProblem>();
        var unknown = integration.Manifest.AcceptsAnySettings ? UnknownMembers.Ignored : UnknownMembers.Refused;
        if (json is { ValueKind: JsonValueKind.Object } value)
        {
            SettingsReader.Read(settings, value, unknown, problems);
        }

        return problems.Select(problem => problem.Under(path));
    }

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;

    private static string OneOf(IReadOnlyList<string> names) =>
        $"{string.Join(", ", names.SkipLast(1).Select(name => $"'{name}'"))} or '{names[^1]}'";

    private static Task ListAsync(Exchange exchange)
    {
        var catalog = exchange.Get<IIntegrationCatalog>();
        return exchange.WriteAsync(
            Page.Whole(catalog.KnownTypes.Select(type => new SourceTypeAnswer(type, catalog.Find(type) is not null))),
            ClarmJson.Wire.PageSourceTypeAnswer
        );
    }
}

/// <summary>A source type.</summary>
/// <param name="Type">Its name.</param>
/// <param name="Readable">Whether this version can create sources of it.</param>
internal sealed record SourceTypeAnswer(string Type, bool Readable);
