using System.Runtime.CompilerServices;
using Tributary.Extraction.Converters;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Mail;
using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Archives;

/// <summary>Opens archives and mails. Archives inside are opened in place, down to the cap on nesting, under one budget for all.</summary>
internal sealed class ContainerOpener(ExtractionLimits limits, Spool spool, ProgramRunner programs) : IContainerOpener
{
    public ContainerKind Identify(string name, Stream content)
    {
        var position = content.Position;
        try
        {
            var probe = FileProbe.Read(name, null, content, limits);
            return IsMail(probe) ? ContainerKind.Mail
                : ArchiveProbe.KindOf(probe) is not null ? ContainerKind.Archive
                : ContainerKind.None;
        }
        catch (Exception exception) when (exception is ContentException or InvalidDataException or EndOfStreamException)
        {
            // It begins like an archive; opening it will say what is wrong.
            return ContainerKind.Archive;
        }
        finally
        {
            content.Position = position;
        }
    }

    public async IAsyncEnumerable<ContainerMember> OpenAsync(
        FileContent file,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var source = await file.OpenAsync(cancellationToken);
        await using var content = await spool.SeekableAsync(source, limits.MaxFileBytes, cancellationToken);
        var budget = new UnpackBudget(limits, cancellationToken);
        var paths = new MemberPaths();
        await using var members = MembersOf(file.Name, content, file.Password, budget, paths, "", 0, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await members.MoveNextAsync())
                {
                    break;
                }
            }
            catch (Exception exception) when (FileFaults.IsOfTheFile(exception))
            {
                throw new ContentException(
                    ContentProblem.Broken,
                    $"The archive is broken: {exception.Message}",
                    exception
                );
            }

            yield return members.Current;
        }
    }

    private static bool IsMail(FileProbe probe) =>
        OutlookFormat.IsMessage(probe) || MailProbe.IsMbox(probe) || MailProbe.IsMessage(probe);

    private async IAsyncEnumerable<ContainerMember> MembersOf(
        string name,
        Stream content,
        string? password,
        UnpackBudget budget,
        MemberPaths paths,
        string parent,
        int nesting,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var probe = FileProbe.Read(name, null, content, limits);
        var members = IsMail(probe)
            ? new MailMembers(limits).Read(probe, content, cancellationToken)
            : ArchiveProbe.KindOf(probe) switch
            {
                "zip" => ZipMembers(probe.Zip!, budget),
                "tar" => TarMembers(content, budget),
                "gz" => new GzipMembers(limits, spool).ReadAsync(name, content, budget, cancellationToken),
                "7z" or "xz" or "bz2" => new SevenZipMembers(programs).ReadAsync(
                    name,
                    content,
                    password,
                    cancellationToken
                ),
                _ => throw new ContentException(ContentProblem.Unsupported, "It is not an archive."),
            };
        await foreach (var member in members.WithCancellation(cancellationToken))
        {
            if (MemberPaths.IsLitter(member.Name))
            {
                continue;
            }

            budget.CountMember();
            var path = parent + member.Name;
            if (member.Failure is not null)
            {
                yield return new ContainerMember(paths.Take(path), member.ModifiedAt, null, member.Failure);
                continue;
            }

            await foreach (var result in ReadAsync(member, path, password, budget, paths, nesting, cancellationToken))
            {
                yield return result;
            }
        }
    }

    private async IAsyncEnumerable<ContainerMember> ReadAsync(
        RawMember member,
        string path,
        string? password,
        UnpackBudget budget,
        MemberPaths paths,
        int nesting,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (copy, failure) = await CopyAsync(member, budget, cancellationToken);
        if (copy is null)
        {
            yield return new ContainerMember(paths.Take(path), member.ModifiedAt, null, failure);
            yield break;
        }

        if (Identify(member.Name, copy) != ContainerKind.Archive)
        {
            yield return new ContainerMember(
                paths.Take(path),
                member.ModifiedAt,
                new FileContent
                {
                    Name = Path.GetFileName(member.Name.Replace('\\', '/')),
                    ContentType = member.ContentType,
                    Length = copy.Length,
                    Password = password,
                    OpenAsync = _ => ValueTask.FromResult(copy),
                }
            );
            yield break;
        }

        await using var nested = copy;
        if (nesting >= limits.MaxNesting)
        {
            yield return new ContainerMember(
                paths.Take(path),
                member.ModifiedAt,
                null,
                $"Archives inside archives are opened {limits.MaxNesting} level(s) deep; this one lies deeper. Unpack it first."
            );
            yield break;
        }

        await using var inner = MembersOf(
                member.Name,
                nested,
                password,
                budget,
                paths,
                path + "/",
                nesting + 1,
                cancellationToken
            )
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            string? broken = null;
            try
            {
                if (!await inner.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (ContentException exception) when (exception.Problem != ContentProblem.TooLarge)
            {
                broken = exception.Message;
            }
            catch (Exception exception) when (FileFaults.IsOfTheFile(exception))
            {
                broken = $"The archive is broken: {exception.Message}";
            }

            if (broken is not null)
            {
                yield return new ContainerMember(paths.Take(path), member.ModifiedAt, null, broken);
                yield break;
            }

            yield return inner.Current;
        }
    }

    // One member that cannot be read does not end the archive; a bomb does.
    private async Task<(Stream? Copy, string? Failure)> CopyAsync(
        RawMember member,
        UnpackBudget budget,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var content = member.Open!();
            return (await spool.CopyAsync(content, limits.MaxFileBytes, cancellationToken), null);
        }
        catch (ContentException exception)
            when (exception.Problem is ContentProblem.Encrypted or ContentProblem.Unsupported)
        {
            return (null, exception.Message);
        }
        catch (Exception exception) when (FileFaults.IsOfTheFile(exception) && !member.EndsArchiveWhenBroken)
        {
            return (null, $"It is damaged: {exception.Message}");
        }
    }

    private static async IAsyncEnumerable<RawMember> ZipMembers(ZipDirectory zip, UnpackBudget budget)
    {
        await Task.CompletedTask;
        foreach (var entry in zip.Entries)
        {
            if (!entry.Name.EndsWith('/') && !entry.Name.EndsWith('\\'))
            {
                yield return new RawMember(
                    entry.Name,
                    entry.ModifiedAt,
                    () => new ExactLengthStream(zip.Open(entry, budget), entry.Size)
                );
            }
        }
    }

    private static async IAsyncEnumerable<RawMember> TarMembers(Stream content, UnpackBudget budget)
    {
        await Task.CompletedTask;
        content.Position = 0;
        var tar = new TarReader(content);
        while (tar.Next())
        {
            yield return new RawMember(
                tar.Name,
                tar.ModifiedAt,
                () => budget.Guard(tar.Content, packedBytes: null),
                EndsArchiveWhenBroken: true
            );
        }
    }
}

/// <summary>A member as its archive hands it out.</summary>
/// <param name="Name">As stored.</param>
/// <param name="ModifiedAt">Null when the archive does not say.</param>
/// <param name="Open">Its content, unpacked and counted; called at most once, before the next member is asked for.</param>
/// <param name="ContentType">As the container claims.</param>
/// <param name="Failure">Why there is no content.</param>
/// <param name="EndsArchiveWhenBroken">What is damaged here leaves nothing to go on with.</param>
internal sealed record RawMember(
    string Name,
    DateTimeOffset? ModifiedAt,
    Func<Stream>? Open,
    string? ContentType = null,
    string? Failure = null,
    bool EndsArchiveWhenBroken = false
);
