using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Connectors;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Catalog;

/// <summary>The integrations of this version, described as the directory describes all: from their manifests and settings types.</summary>
public sealed class BuiltInDescriptions
{
    /// <summary>The member of a connector's config that holds its secrets.</summary>
    public const string CredentialsMember = "credentials";

    private const int MinInterval = 60;

    private readonly IIntegrationCatalog _catalog;
    private readonly Dictionary<string, IntegrationDescription> _bySlug;

    /// <summary>Describes a catalogue, once.</summary>
    public BuiltInDescriptions(IIntegrationCatalog catalog)
    {
        _catalog = catalog;
        _bySlug = catalog.All.ToDictionary(integration => integration.Manifest.Slug, Describe, StringComparer.Ordinal);
        Visible =
        [
            .. catalog
                .All.Where(integration => !integration.Manifest.IsHidden)
                .Select(integration => _bySlug[integration.Manifest.Slug]),
        ];
    }

    /// <summary>All but the hidden ones, in order of slug.</summary>
    public IReadOnlyList<IntegrationDescription> Visible { get; }

    /// <summary>One by its slug or alias; null when this version has none.</summary>
    public IntegrationDescription? Find(string slugOrAlias) =>
        _catalog.Find(slugOrAlias) is { } integration ? _bySlug[integration.Manifest.Slug] : null;

    private static IntegrationDescription Describe(Integration integration)
    {
        var manifest = integration.Manifest;
        return new IntegrationDescription
        {
            Slug = manifest.Slug,
            Name = manifest.Name,
            Description = manifest.Description,
            IsCustom = false,
            Category = manifest.Category,
            Icon = IntegrationIcon.Of(integration),
            Color = IntegrationIcon.ColorOf(manifest.Category),
            Documentation = manifest.Documentation,
            RateLimit = manifest.VendorLimits is [var first, ..] ? first : null,
            Config = new SchemaPair(ConfigSchema(integration)),
            CachingIsCompatible = manifest.Kind is IntegrationKind.Pull or IntegrationKind.Api,
            Actions = integration.Actions.ToDictionary(
                action => action.Slug,
                action => new ActionDescription
                {
                    Name = action.Name,
                    Description = action.Description,
                    Config = new SchemaPair(
                        JsonSerializer.SerializeToElement(JsonSchemaWriter.Write(action.InputType))
                    ),
                    CachingIsCompatible = action.OnlyReads,
                }
            ),
            Extractors =
                manifest.Kind == IntegrationKind.Pull
                    ? new Dictionary<string, ExtractorDescription>
                    {
                        [ExtractorDescription.Documents] = Documents(manifest),
                    }
                    : new Dictionary<string, ExtractorDescription>(),
        };
    }

    private static ExtractorDescription Documents(IntegrationManifest manifest) =>
        new()
        {
            Name = "Documents",
            Description = manifest.Description,
            Config = new SchemaPair(
                JsonSerializer.SerializeToElement(
                    new JsonObject
                    {
                        ["type"] = "object",
                        ["properties"] = new JsonObject(),
                        ["additionalProperties"] = false,
                    }
                )
            ),
            Mode = new ExtractorMode(
                IsFetch: true,
                manifest.Capabilities.Incremental,
                MinIntervalInSeconds: MinInterval,
                AutoFetch: true
            ),
        };

    private static JsonElement ConfigSchema(Integration integration)
    {
        var schema = JsonSchemaWriter.Write(integration.ConfigType);
        var credentials = JsonSchemaWriter.Write(integration.CredentialsType);
        var isRequired = credentials.ContainsKey("required");
        if (integration.Manifest.AcceptsAnySettings)
        {
            schema["additionalProperties"] = true;
            credentials["additionalProperties"] = true;
        }

        schema["properties"]!.AsObject()[CredentialsMember] = credentials;
        if (isRequired)
        {
            var required = schema["required"]?.AsArray() ?? [];
            required.Add(CredentialsMember);
            schema["required"] ??= required;
        }

        return JsonSerializer.SerializeToElement(schema);
    }
}
