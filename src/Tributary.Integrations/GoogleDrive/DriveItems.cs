using System.Runtime.CompilerServices;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.GoogleDrive;

/// <summary>Reads the files of a page: those that are known in this state are not fetched.</summary>
internal sealed class DriveItems(ReaderContext context, DriveMapping mapping)
{
    private readonly ItemReads _reads = new();

    /// <param name="files">Files and no shortcuts; those that are not taken are left out.</param>
    /// <param name="user">The user to act as.</param>
    /// <param name="email">In whose Drive they were found.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<ReadItem> ReadAsync(
        IReadOnlyList<DriveFile> files,
        string? user,
        string? email,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var taken = files.Where(mapping.Takes).ToList();
        var stored = await context.Known.GetAsync([.. taken.Select(file => file.Id)], cancellationToken);
        foreach (var file in taken)
        {
            var known = stored.GetValueOrDefault(file.Id);
            var finders = DriveMapping.FindersOf(file, known, email);
            yield return known is not null && known.Version == DriveMapping.VersionOf(file, finders)
                ? new ReadItem.Unchanged(file.Id)
                : await _reads.ReadAsync(
                    file.Id,
                    file.WebViewLink,
                    () => mapping.ReadAsync(file, user, email, finders, cancellationToken)
                );
        }
    }
}
