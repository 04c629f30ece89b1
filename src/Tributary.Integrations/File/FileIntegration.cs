using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Tributary.Sdk;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.File;

/// <summary>Uploaded files, and files in folders of the server; archives and mails with what is in them.</summary>
public sealed class FileIntegration : Integration<FileConfig, FileCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "file",
            Name = "Files",
            Description = "Uploaded files and folders of the server, archives and mail attachments included.",
            Category = IntegrationCategory.Storage,
            AuthKinds = ["none"],
            Capabilities = new IntegrationCapabilities { Incremental = true },
            Documentation = """
                `file_locations` holds ids of uploads, or absolute paths of folders and files on the server, which the
                operator has to allow in `AllowedFolders`. Zip, tar, gz and 7z archives are unpacked (an archive in an
                archive too, but no deeper), and attachments of mails become documents of their own. A refresh reads
                what is new or changed; a file that was taken away goes with the next prune.

                **Metadata** for any kind of file: put `.onyx_metadata.json` at the root of an archive or folder (or
                into the one folder at an archive's root): a list of objects with `filename`, or an object keyed by
                file name. Known members are `link`, `title`, `file_display_name`, `primary_owners`,
                `secondary_owners`, `doc_updated_at`, `document_id`, `connector_type`, `mime_type` and `pdf_password`;
                every other member becomes a tag. In a text file the same object may stand in the first line:
                `#ONYX_METADATA={"link": "…"}` or `<!-- ONYX_METADATA={"link": "…"} -->`.
                """,
        };

    /// <inheritdoc />
    protected override IReader CreateReader(ReaderContext context, FileConfig config, FileCredentials credentials) =>
        new FileReader(context, config, credentials);
}

/// <summary>Which files.</summary>
public sealed record FileConfig : IValidatable
{
    /// <summary>Where they are.</summary>
    [Description(
        "Ids of uploaded files, or absolute paths of folders and files on the server that the operator has allowed."
    )]
    [MinLength(1)]
    public required IReadOnlyList<string> FileLocations { get; init; }

    /// <summary>What they are called.</summary>
    [Description(
        "Display names of the files, in the order of file_locations. Default: the names they were uploaded with."
    )]
    public IReadOnlyList<string> FileNames { get; init; } = [];

    /// <summary>Metadata as an upload.</summary>
    [Description("Id of an uploaded JSON file with metadata for the files, in the form of .onyx_metadata.json.")]
    [Advanced]
    public string? ZipMetadataFileId { get; init; }

    /// <summary>Metadata in place.</summary>
    [Description("Metadata for the files, in the form of .onyx_metadata.json.")]
    [Advanced]
    public JsonElement? ZipMetadata { get; init; }

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (FileLocations.Any(string.IsNullOrWhiteSpace))
        {
            yield return SettingsProblem.Of("file_locations", "A location may not be empty");
        }

        if (ZipMetadata is { } metadata && FileTagTable.TryRead(metadata, out _) is { } problem)
        {
            yield return SettingsProblem.Of("zip_metadata", problem);
        }
    }
}

/// <summary>What encrypted files need.</summary>
public sealed record FileCredentials
{
    /// <summary>The password.</summary>
    [Description("Password to try on encrypted files.")]
    [Secret]
    public string? PdfPassword { get; init; }
}
