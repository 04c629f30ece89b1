using System.ComponentModel;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.Integrations.Google;
using Tributary.Sdk.Http;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.GoogleDrive;

/// <summary>What of Google Drive is read.</summary>
public sealed partial record GoogleDriveConfig : IValidatable
{
    /// <summary>All shared drives.</summary>
    [Description("Read all shared drives: those of the organisation with domain-wide delegation, else the user's own.")]
    public bool IncludeSharedDrives { get; init; }

    /// <summary>My Drives.</summary>
    [Description(
        "Read My Drive: of everyone in the domain with domain-wide delegation, else of the user who signed in."
    )]
    public bool IncludeMyDrives { get; init; }

    /// <summary>Files shared with the user.</summary>
    [Description("Read files that others have shared with the user.")]
    public bool IncludeFilesSharedWithMe { get; init; }

    /// <summary>Shared drives by link.</summary>
    [Description("Links of shared drives, separated by commas.")]
    [Example("https://drive.google.com/drive/folders/0ABcdEfGh")]
    public string? SharedDriveUrls { get; init; }

    /// <summary>My Drives by owner.</summary>
    [Description("People whose My Drive is read, separated by commas; needs domain-wide delegation.")]
    [Example("jane@example.com, joe@example.com")]
    public string? MyDriveEmails { get; init; }

    /// <summary>Folders by link.</summary>
    [Description("Links of folders to read with all their sub-folders, separated by commas.")]
    [Example("https://drive.google.com/drive/folders/1AbCdEfGh")]
    public string? SharedFolderUrls { get; init; }

    /// <summary>Whom to act for.</summary>
    [Description("With domain-wide delegation: act for these users only, separated by commas. Empty acts for all.")]
    [Advanced]
    public string? SpecificUserEmails { get; init; }

    /// <summary>Leaves out what is open by link only.</summary>
    [Description("Leave out files that are shared with nobody but everyone in the domain who has the link.")]
    [Advanced]
    public bool ExcludeDomainLinkOnly { get; init; }

    /// <summary>Another root of the APIs.</summary>
    [Description("Address of a gateway that serves Google's APIs in place of Google's own hosts.")]
    [Advanced]
    public string? ApiBaseUrl { get; init; }

    /// <summary>For older settings.</summary>
    [Description("Accepted for older settings, without effect: the server chooses the size of its batches.")]
    [Advanced]
    public int? BatchSize { get; init; }

    /// <summary>For older settings.</summary>
    [Description("Accepted for older settings, without effect: give shared_folder_urls.")]
    [Advanced]
    public JsonElement? FolderPaths { get; init; }

    /// <summary>For older settings.</summary>
    [Description("Accepted for older settings, without effect: see include_files_shared_with_me.")]
    [Advanced]
    public bool? IncludeShared { get; init; }

    /// <summary>For older settings.</summary>
    [Description("Accepted for older settings, without effect: shortcuts to files are always followed.")]
    [Advanced]
    public bool? FollowShortcuts { get; init; }

    /// <summary>For older settings.</summary>
    [Description("Accepted for older settings, without effect: every document has its readers.")]
    [Advanced]
    public bool? OnlyOrgPublic { get; init; }

    /// <summary>For older settings.</summary>
    [Description("Accepted for older settings, without effect: a file that cannot be read never ends a run.")]
    [Advanced]
    public bool? ContinueOnFailure { get; init; }

    internal GoogleServices Services => GoogleServices.At(ApiBaseUrl);

    internal IReadOnlyList<DriveLink> Drives => Links(SharedDriveUrls);

    internal IReadOnlyList<DriveLink> Folders => Links(SharedFolderUrls);

    internal IReadOnlyList<string> Owners => Parts(MyDriveEmails);

    internal IReadOnlyList<string> Users => Parts(SpecificUserEmails);

    /// <summary>Names take the place of the switches.</summary>
    internal bool IsNamed => Drives.Count + Folders.Count + Owners.Count > 0;

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        if (!IsNamed && !IncludeSharedDrives && !IncludeMyDrives && !IncludeFilesSharedWithMe)
        {
            yield return SettingsProblem.Of(
                "include_my_drives",
                "Nothing is chosen: set include_my_drives, include_shared_drives or include_files_shared_with_me, or give shared_drive_urls, shared_folder_urls or my_drive_emails"
            );
        }

        foreach (var (member, links) in new[] { ("shared_drive_urls", Drives), ("shared_folder_urls", Folders) })
        {
            foreach (var link in links.Where(link => link.Id.Length == 0))
            {
                yield return SettingsProblem.Of(
                    member,
                    $"'{link.Typed}' is no link like https://drive.google.com/drive/folders/ID"
                );
            }
        }

        foreach (var (member, list) in new[] { ("my_drive_emails", Owners), ("specific_user_emails", Users) })
        {
            foreach (var email in list.Where(email => !email.Contains('@', StringComparison.Ordinal)))
            {
                yield return SettingsProblem.Of(member, $"'{email}' is no e-mail address");
            }
        }

        if (!string.IsNullOrWhiteSpace(ApiBaseUrl) && ApiAddress.Problem(ApiBaseUrl) is { } problem)
        {
            yield return SettingsProblem.Of("api_base_url", problem);
        }
    }

    private static List<string> Parts(string? list) =>
        [
            .. (list ?? "")
                .Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Distinct(),
        ];

    private static List<DriveLink> Links(string? list) =>
        [
            .. Parts(list)
                .Select(typed =>
                {
                    var id = Id().Match(typed);
                    var key = ResourceKey().Match(typed);
                    return new DriveLink(
                        typed,
                        id.Groups[1].Value + id.Groups[2].Value,
                        key.Success ? key.Groups[1].Value : null
                    );
                }),
        ];

    [GeneratedRegex("(?:folders/|drives/|[?&]id=)([A-Za-z0-9_-]+)|^([A-Za-z0-9_-]+)$")]
    private static partial Regex Id();

    [GeneratedRegex("[?&]resource[kK]ey=([A-Za-z0-9_-]+)")]
    private static partial Regex ResourceKey();
}

/// <summary>A link to a folder or drive.</summary>
/// <param name="Typed">As it was typed.</param>
/// <param name="Id">The id in it; empty when it has none.</param>
/// <param name="ResourceKey">The key that older shared links carry; null when it has none.</param>
internal sealed record DriveLink(string Typed, string Id, string? ResourceKey);
