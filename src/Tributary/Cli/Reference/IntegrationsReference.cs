using System.Text;
using System.Text.Json.Nodes;
using Tributary.Engine.Connectors;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Cli.Reference;

/// <summary>Writes docs/integrations.md from the manifests.</summary>
internal static class IntegrationsReference
{
    private const string Head = """
        # Integrations

        <!-- Made by `tributary docs integrations`; a test fails when this page is stale. -->

        What this version can read. `tributary integrations show <type>` and `GET /v1/integrations/<type>` say the same, with
        JSON Schemas.

        """;

    /// <summary>Writes the page.</summary>
    public static string Write(IIntegrationCatalog catalog)
    {
        var page = new StringBuilder(Head).AppendLine();
        page.AppendLine("| type | name | documents are | incremental | deletions | permissions | deep links |");
        page.AppendLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var manifest in catalog.All.Select(integration => integration.Manifest))
        {
            var can = manifest.Capabilities;
            page.AppendLine(
                $"| [`{manifest.Slug}`](#{manifest.Slug}) | {manifest.Name} | {Moved(manifest.Kind)} | {Mark(can.Incremental)} | {Noticed(can.Deletion)} | {Mark(can.Permissions)} | {Mark(can.DeepLinks)} |"
            );
        }

        foreach (var integration in catalog.All)
        {
            Append(page, integration);
        }

        return page.ToString();
    }

    private static void Append(StringBuilder page, Integration integration)
    {
        var manifest = integration.Manifest;
        page.AppendLine().AppendLine($"## {manifest.Slug}").AppendLine().AppendLine(manifest.Description);
        Append(page, "Config", integration.ConfigType);
        Append(page, "Credentials", integration.CredentialsType);
        if (manifest.Documentation.Length > 0)
        {
            page.AppendLine();
            foreach (var line in manifest.Documentation.ReplaceLineEndings("\n").Trim().Split('\n'))
            {
                // The page's own headings are of the first two levels.
                page.AppendLine(line.StartsWith('#') ? $"##{line}" : line);
            }
        }
    }

    private static void Append(StringBuilder page, string title, Type settings)
    {
        var members = SettingsSchema.For(settings).Members;
        if (members.Length == 0)
        {
            return;
        }

        page.AppendLine().AppendLine($"**{title}**").AppendLine();
        page.AppendLine("| member | type | default | |").AppendLine("| --- | --- | --- | --- |");
        var properties = JsonSchemaWriter.Write(settings)["properties"]!.AsObject();
        foreach (var member in members)
        {
            var schema = properties[member.Name]!.AsObject();
            var type = TypeOf(schema);
            var value =
                member.IsRequired ? "required"
                : schema["default"]?.ToJsonString() is { } text ? $"`{text}`"
                : "";
            page.AppendLine(
                $"| `{member.Name}` | {type}{(member.IsSecret ? ", secret" : "")} | {value} | {member.Description.Replace("|", "\\|", StringComparison.Ordinal)} |"
            );
        }
    }

    private static string TypeOf(JsonObject schema) =>
        schema switch
        {
            _ when schema["enum"] is JsonArray values => string.Join(
                " / ",
                values.Select(value => value!.GetValue<string>())
            ),
            _ when schema["type"] is JsonArray types => types[0]!.GetValue<string>(),
            _ => schema["type"]?.GetValue<string>() ?? "any",
        };

    private static string Mark(bool can) => can ? "yes" : "";

    private static string Moved(IntegrationKind kind) =>
        kind switch
        {
            IntegrationKind.Pull => "read on a schedule",
            IntegrationKind.Push => "pushed",
            _ => "none of its own",
        };

    private static string Noticed(DeletionDetection deletion) =>
        deletion switch
        {
            DeletionDetection.Listing => "by prune",
            DeletionDetection.Feed => "by refresh and prune",
            _ => "",
        };
}
