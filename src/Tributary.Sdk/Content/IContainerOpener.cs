using Tributary.Sdk.Documents;

namespace Tributary.Sdk.Content;

/// <summary>Opens files that hold files: zip, tar, gz, tar.gz, 7z, and the attachments of mails.</summary>
public interface IContainerOpener
{
    /// <summary>Whether the file is a container, judged by its first bytes (and by its name where the bytes leave it open).</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="content">A seekable stream; its position is restored.</param>
    ContainerKind Identify(string name, Stream content);

    /// <summary>
    /// Its members in order, directories and operating systems' litter left out, under the caps on entries, bytes,
    /// ratio and depth. A member's content is spooled, so that it can be read later than the enumeration goes on.
    /// </summary>
    /// <param name="file">The container; its stream must be seekable.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="ContentException">It is broken, encrypted or a bomb; members seen before stay good.</exception>
    IAsyncEnumerable<ContainerMember> OpenAsync(FileContent file, CancellationToken cancellationToken);
}

/// <summary>What kind of container a file is.</summary>
public enum ContainerKind
{
    /// <summary>Not a container.</summary>
    None,

    /// <summary>Only its members matter (zip, tar, gz, 7z).</summary>
    Archive,

    /// <summary>It is a document itself and has members (mails with attachments).</summary>
    Mail,
}

/// <summary>A file in a container.</summary>
/// <param name="Path">Its path inside with forward slashes; never absolute, never with "..", made unique by a suffix. For display and ids only.</param>
/// <param name="ModifiedAt">As the container says; null when it does not.</param>
/// <param name="Content">Opens as a seekable stream, which whoever takes the member disposes, read or not. Null when it could not be read: then <paramref name="Failure"/> says why.</param>
/// <param name="Failure">Why it could not be read.</param>
public sealed record ContainerMember(
    string Path,
    DateTimeOffset? ModifiedAt,
    FileContent? Content,
    string? Failure = null
);
