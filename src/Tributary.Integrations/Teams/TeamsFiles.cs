using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Teams;

/// <summary>The files of a channel: its folder in the team's library, or in a site of its own.</summary>
internal sealed class TeamsFiles(ReaderContext context, TeamsConfig config)
{
    public static string IdOf(DriveItem item) => $"teams-file:{item.DocumentId}";

    /// <summary>The files below the channel's folder, with the drive that they are in.</summary>
    public async IAsyncEnumerable<(string Drive, DriveItem Item)> OfAsync(
        TeamChannel channel,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        DriveItem folder;
        try
        {
            folder = await context.Http.GraphAsync(
                config.Root.At($"teams/{channel.TeamId}/channels/{channel.Channel.Id}/filesFolder"),
                TeamsJson.Default.DriveItem,
                cancellationToken
            );
        }
        catch (SourceException exception) when (exception.Status is System.Net.HttpStatusCode.NotFound)
        {
            // Made when somebody first opens the tab of files.
            yield break;
        }

        if (folder.ParentReference?.DriveId is not { } drive)
        {
            yield break;
        }

        var items = context.Http.GraphItemsAsync(
            config.Root.At($"drives/{drive}/items/{folder.Id}/delta", ("$select", DriveItem.Fields)),
            TeamsJson.Default.GraphCollectionDriveItem,
            cancellationToken
        );
        await foreach (var item in items.Where(item => !item.IsDeleted && item.IsReadable))
        {
            yield return (drive, item);
        }
    }

    /// <summary>The file's state, and for whom it is.</summary>
    public static string VersionOf(ChannelReaders readers, DriveItem item) => item.State + readers.Mark;

    public async Task<Document> DocumentOfAsync(
        TeamChannel channel,
        ChannelReaders readers,
        string drive,
        DriveItem item,
        CancellationToken cancellationToken
    ) =>
        new()
        {
            Id = IdOf(item),
            Title = item.Name ?? item.Id,
            Link = item.WebUrl,
            File = await context.Http.GraphFileAsync(
                config.Root.At($"drives/{drive}/items/{item.Id}/content"),
                item.Name ?? item.Id,
                item.File?.MimeType,
                item.Size,
                cancellationToken
            ),
            Version = VersionOf(readers, item),
            CreatedAt = item.CreatedDateTime,
            UpdatedAt = item.LastModifiedDateTime,
            PrimaryOwners = item.LastModifiedBy?.Owners ?? [],
            SecondaryOwners = item.CreatedBy?.Owners ?? [],
            Metadata = new Dictionary<string, MetadataValue> { ["team"] = channel.Team, ["channel"] = channel.Name },
            Access = readers.Access,
        };
}
