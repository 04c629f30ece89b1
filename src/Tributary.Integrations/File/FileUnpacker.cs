using System.Runtime.CompilerServices;
using Tributary.Integrations.TaggedFiles;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.File;

/// <summary>Looks into a file: what documents it is, or holds.</summary>
internal sealed class FileUnpacker(ReaderContext context, string? password)
{
    // A mail in an archive still has attachments; archives in archives are the opener's business.
    private const int MaxDepth = 2;

    /// <summary>
    /// The documents of a file in a lasting order: itself, the members of an archive, the
    /// attachments of a mail and then the mail. Faults of single files come as items, too.
    /// </summary>
    public async IAsyncEnumerable<(FileDocument? Document, FileItem.Unreadable? Fault)> UnpackAsync(
        SourceFile file,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        int depth = 0
    )
    {
        var (opened, problem) = await TryOpenAsync(file, cancellationToken);
        if (opened is not { } content)
        {
            yield return (null, new FileItem.Unreadable(file.DocumentId, problem!, HidesOthers: false));
            yield break;
        }

        var isHandedOn = false;
        try
        {
            var isOpened = content.Kind != ContainerKind.None && depth < MaxDepth;
            if (isOpened)
            {
                await foreach (var member in MembersAsync(file, content.Stream, depth, cancellationToken))
                {
                    yield return member;
                }
            }

            if (!isOpened || content.Kind == ContainerKind.Mail)
            {
                var tag = content.Line?.Over(file.Tag) ?? file.Tag;
                var hasMembers = content.Kind == ContainerKind.Mail;
                if (file.IsReopenable)
                {
                    var start = content.TextStart;
                    yield return (
                        new FileDocument(
                            file,
                            tag,
                            hasMembers,
                            async token => StreamTail.Of(await file.OpenAsync(token), start),
                            Held: null
                        ),
                        null
                    );
                }
                else
                {
                    isHandedOn = true;
                    var text = StreamTail.Of(content.Stream, content.TextStart);
                    yield return (
                        new FileDocument(file, tag, hasMembers, _ => ValueTask.FromResult(text), Held: text),
                        null
                    );
                }
            }
        }
        finally
        {
            if (!isHandedOn)
            {
                await content.Stream.DisposeAsync();
            }
        }
    }

    private async Task<(Opened? Content, string? Problem)> TryOpenAsync(
        SourceFile file,
        CancellationToken cancellationToken
    )
    {
        Stream? stream = null;
        try
        {
            stream = await file.OpenAsync(cancellationToken);
            var kind = context.Containers.Identify(file.Name, stream);
            var (line, start) =
                kind == ContainerKind.None ? await MetadataLine.ReadAsync(stream, cancellationToken) : default;
            stream.Position = 0;
            return (new Opened(stream, kind, line, start), null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ContentException)
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }

            return (null, $"It cannot be opened: {exception.Message}");
        }
    }

    private async IAsyncEnumerable<(FileDocument? Document, FileItem.Unreadable? Fault)> MembersAsync(
        SourceFile container,
        Stream content,
        int depth,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (problem, tables) = await TagsAsync(container, content, cancellationToken);
        if (problem is not null)
        {
            yield return (null, problem);
        }

        await using var members = context
            .Containers.OpenAsync(AsContainer(container, content), cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var (member, fault) = await TryNextAsync(container, members);
            if (fault is not null)
            {
                yield return (null, fault);
            }

            if (member is null)
            {
                yield break;
            }

            var id = $"{container.Id}/{member.Path}";
            var name = member.Path[(member.Path.LastIndexOf('/') + 1)..];
            if (FileTagTable.IsName(name))
            {
                await DiscardAsync(member, cancellationToken);
                continue;
            }

            if (member.Content is not { } memberContent)
            {
                var reason = member.Failure ?? "It cannot be read.";
                yield return (null, new FileItem.Unreadable(id, reason, HidesOthers: false));
                continue;
            }

            var file = new SourceFile
            {
                Id = id,
                Name = name,
                Path = member.Path,
                Mark = container.Mark,
                IsImmutable = container.IsImmutable,
                ContentType = memberContent.ContentType,
                Length = memberContent.Length,
                ModifiedAt = member.ModifiedAt ?? container.ModifiedAt,
                CreatedAt = container.CreatedAt,
                Tag = FileLocations.Find(tables, member.Path) ?? FileTag.None,
                Tables = tables,
                OpenAsync = memberContent.OpenAsync,
            };
            await foreach (var item in UnpackAsync(file, cancellationToken, depth + 1))
            {
                yield return item;
            }
        }
    }

    private static async Task<(ContainerMember? Member, FileItem.Unreadable? Fault)> TryNextAsync(
        SourceFile container,
        IAsyncEnumerator<ContainerMember> members
    )
    {
        try
        {
            return (await members.MoveNextAsync() ? members.Current : null, null);
        }
        catch (Exception exception) when (exception is ContentException or IOException)
        {
            return (null, new FileItem.Unreadable(container.Id, exception.Message, !container.IsImmutable));
        }
    }

    /// <summary>The metadata file of an archive, which may be its last member, and in its only top folder.</summary>
    private async Task<(FileItem.Unreadable? Problem, IReadOnlyList<FileTagTable> Tables)> TagsAsync(
        SourceFile container,
        Stream content,
        CancellationToken cancellationToken
    )
    {
        string? top = null;
        var hasOneTop = true;
        (string Path, string? Problem, IReadOnlyDictionary<string, FileTag> Tags)? found = null;
        await using var members = context
            .Containers.OpenAsync(AsContainer(container, content), cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await TryNextAsync(container, members) is ({ } member, null))
        {
            var slash = member.Path.IndexOf('/', StringComparison.Ordinal);
            var folder = member.Path[..(slash + 1)];
            hasOneTop = hasOneTop && folder.Length > 0 && (top ??= folder) == folder;
            if (
                FileTagTable.IsName(member.Path[(slash + 1)..])
                && member.Content is { } file
                && (found is null || slash < 0)
            )
            {
                var (problem, tags) = await FileTagTable.ReadAsync(file.OpenAsync, cancellationToken);
                found = (member.Path, problem, tags);
            }
            else
            {
                await DiscardAsync(member, cancellationToken);
            }

            if (slash < 0 && found?.Path == member.Path)
            {
                break;
            }
        }

        if (found is not { } table || (table.Path.Contains('/', StringComparison.Ordinal) && !hasOneTop))
        {
            return (null, container.Tables);
        }

        var root = table.Path[..(table.Path.LastIndexOf('/') + 1)];
        return (
            table.Problem is null
                ? null
                : new FileItem.Unreadable($"{container.Id}/{table.Path}", table.Problem, HidesOthers: false),
            [new FileTagTable(table.Tags, root, matchesNames: false), .. container.Tables]
        );
    }

    /// <summary>A member's content is spooled already, so that somebody has to let go of it.</summary>
    private static async Task DiscardAsync(ContainerMember member, CancellationToken cancellationToken)
    {
        if (member.Content is { } content)
        {
            await (await content.OpenAsync(cancellationToken)).DisposeAsync();
        }
    }

    private FileContent AsContainer(SourceFile file, Stream content) =>
        new()
        {
            Name = file.Name,
            ContentType = file.ContentType,
            Length = file.Length,
            Password = file.Tag.Password ?? password,
            OpenAsync = _ =>
            {
                content.Position = 0;
                return ValueTask.FromResult<Stream>(new StreamTail(content, 0, leaveOpen: true));
            },
        };

    private sealed record Opened(Stream Stream, ContainerKind Kind, FileTag? Line, long TextStart);
}
