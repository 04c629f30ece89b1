using System.ComponentModel;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.GoogleSites;

/// <summary>The published pages of a Google Site, from its export.</summary>
public sealed class GoogleSitesIntegration : Integration<GoogleSitesConfig, NoCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "google_sites",
            Name = "Google Sites",
            Description = "The published pages of a Google Site, from an uploaded export.",
            Category = IntegrationCategory.Knowledge,
            AuthKinds = ["none"],
            Capabilities = new IntegrationCapabilities { Incremental = true },
            Documentation = """
                Google Sites has no interface for the text of its pages, so that a site is read from an export: at
                takeout.google.com choose *Drive*, or download the site from Google Drive, and upload the zip file that
                comes of it. Pages in its folder `PUBLISHED` are read, also those that are hidden from the navigation;
                drafts, pictures and embedded documents are not.

                Links to the live pages follow from the navigation and `base_url`. A page that was renamed after it was made
                keeps its first address in Google Sites, which an export does not tell: its link may lead nowhere. To
                update, upload a newer export and give its id as `zip_path`; a prune removes pages that are gone.
                """,
        };

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        GoogleSitesConfig config,
        NoCredentials credentials
    ) => new GoogleSitesReader(context, config);
}

/// <summary>Which site.</summary>
public sealed record GoogleSitesConfig : IValidatable
{
    /// <summary>The live site.</summary>
    [Description("Address of the live site.")]
    [Example("https://sites.google.com/view/handbook")]
    public required string BaseUrl { get; init; }

    /// <summary>The export.</summary>
    [Description("Id of the uploaded zip file with the export.")]
    public string? ZipPath { get; init; }

    /// <summary>The export by another name.</summary>
    [Description("The id of the uploaded zip file as a list of one, in place of zip_path.")]
    [Advanced]
    public IReadOnlyList<string> FileLocations { get; init; } = [];

    /// <summary>For older settings.</summary>
    [Description("Accepted for older settings, without effect: the server chooses the size of its batches.")]
    [Advanced]
    public int? BatchSize { get; init; }

    /// <summary>The id of the upload.</summary>
    internal string FileId => string.IsNullOrWhiteSpace(ZipPath) ? FileLocations[0] : ZipPath.Trim();

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (ApiAddress.Problem(BaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("base_url", problem);
        }

        if (
            string.IsNullOrWhiteSpace(ZipPath)
            && (FileLocations.Count != 1 || string.IsNullOrWhiteSpace(FileLocations[0]))
        )
        {
            yield return SettingsProblem.Of("zip_path", "Should be the id of the one uploaded zip file");
        }
    }
}
