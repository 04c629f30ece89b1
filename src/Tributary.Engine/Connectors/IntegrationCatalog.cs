using System.Reflection;
using Tributary.Sdk;

namespace Tributary.Engine.Connectors;

/// <inheritdoc cref="IIntegrationCatalog"/>
public sealed class IntegrationCatalog : IIntegrationCatalog
{
    /// <summary>The values of the Clarm dialect's type, as published.</summary>
    private static readonly string[] Published =
    [
        "ingestion_api",
        "slack",
        "web",
        "google_drive",
        "gmail",
        "requesttracker",
        "github",
        "gitbook",
        "gitlab",
        "guru",
        "bookstack",
        "confluence",
        "slab",
        "jira",
        "productboard",
        "file",
        "notion",
        "zulip",
        "linear",
        "hubspot",
        "document360",
        "gong",
        "google_sites",
        "zendesk",
        "loopio",
        "dropbox",
        "sharepoint",
        "outlook",
        "OUTLOOK",
        "teams",
        "salesforce",
        "discourse",
        "axero",
        "clickup",
        "mediawiki",
        "wikipedia",
        "asana",
        "s3",
        "r2",
        "google_cloud_storage",
        "oci_storage",
        "xenforo",
        "not_applicable",
        "discord",
        "freshdesk",
        "fireflies",
        "egnyte",
        "airtable",
        "highspot",
        "bookface",
        "mock_connector",
    ];

    private readonly Dictionary<string, Integration> _byName = new(StringComparer.Ordinal);

    /// <summary>Finds every integration of an assembly: a public or internal class with a parameterless constructor.</summary>
    public IntegrationCatalog(params IReadOnlyList<Assembly> assemblies)
        : this(
            assemblies
                .SelectMany(assembly => assembly.GetTypes())
                .Where(type =>
                    type.IsSubclassOf(typeof(Integration)) && !type.IsAbstract && !type.ContainsGenericParameters
                )
                .Select(type => (Integration)Activator.CreateInstance(type, nonPublic: true)!)
        ) { }

    /// <summary>From integrations that are made already.</summary>
    public IntegrationCatalog(IEnumerable<Integration> integrations)
    {
        All = [.. integrations.OrderBy(integration => integration.Manifest.Slug, StringComparer.Ordinal)];
        foreach (var integration in All)
        {
            foreach (var name in integration.Manifest.Aliases.Prepend(integration.Manifest.Slug))
            {
                if (!_byName.TryAdd(name, integration))
                {
                    throw new InvalidOperationException($"Two integrations are called {name}.");
                }
            }
        }

        // What has no documents is no source.
        var sources = All.Where(integration => integration.Manifest.Kind != IntegrationKind.Api);
        KnownTypes = [.. Published, .. sources.Select(integration => integration.Manifest.Slug).Except(Published)];
    }

    /// <inheritdoc />
    public IReadOnlyList<Integration> All { get; }

    /// <inheritdoc />
    public IReadOnlyList<string> KnownTypes { get; }

    /// <inheritdoc />
    public Integration? Find(string slugOrAlias) => _byName.GetValueOrDefault(slugOrAlias);
}
