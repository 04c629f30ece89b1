using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.SharePoint;

/// <summary>One thing to be read of a site.</summary>
internal sealed record SharePointTask
{
    public const string Site = "site";
    public const string Drive = "drive";
    public const string Pages = "pages";
    public const string File = "file";

    /// <summary>One of the constants.</summary>
    public required string Kind { get; init; }

    public required string SiteId { get; init; }

    public required string SiteTitle { get; init; }

    public string? SiteUrl { get; init; }

    public string DriveId { get; init; } = "";

    public string? DriveName { get; init; }

    public string? DriveUrl { get; init; }

    /// <summary>A folder of the library, escaped as in addresses; empty for all of it.</summary>
    public string Folder { get; init; } = "";

    /// <summary>A file that is tried again.</summary>
    public string ItemId { get; init; } = "";

    /// <summary>As it stands in the work list.</summary>
    [JsonIgnore]
    public WorkItem Item =>
        new(
            GraphMarks.MarkOf(Kind, SiteId, DriveId, Folder, ItemId),
            JsonSerializer.Serialize(this, SettingsJson.Options)
        );

    public static SharePointTask Parse(WorkItem item) =>
        JsonSerializer.Deserialize<SharePointTask>(item.Data!, SettingsJson.Options)!;
}
