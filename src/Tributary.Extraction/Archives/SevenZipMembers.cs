using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Tributary.Extraction.Converters;
using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Archives;

/// <summary>7z, xz and bzip2 by the program 7z: its listing is checked against the caps before anything is unpacked.</summary>
internal sealed class SevenZipMembers(ProgramRunner programs)
{
    private const int MaxListingBytes = 32 * 1024 * 1024;

    public async IAsyncEnumerable<RawMember> ReadAsync(
        string name,
        Stream content,
        string? password,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var folder = new WorkFolder(programs.Options.TemporaryFolder);
        var archive = await folder.WriteAsync("archive" + ExtensionOf(name), content, cancellationToken);
        await CheckListingAsync(archive, folder, content.Length, password, cancellationToken);
        var output = folder["members"];
        var result = await programs.RunAsync(
            Program.SevenZip,
            ["x", "-y", "-bd", "-snl-", $"-p{password}", $"-o{output}", archive],
            folder.Path,
            cancellationToken
        );
        if (result.ExitCode > 1)
        {
            throw Failure(result.Errors);
        }

        var enumeration = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            // Links may lead anywhere.
            AttributesToSkip = FileAttributes.ReparsePoint,
        };
        foreach (var path in Directory.EnumerateFiles(output, "*", enumeration).Order(StringComparer.Ordinal))
        {
            var member = Path.GetRelativePath(output, path);
            var modified = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
            yield return new RawMember(member, modified, () => File.OpenRead(path));
        }
    }

    private async Task CheckListingAsync(
        string archive,
        WorkFolder folder,
        long packed,
        string? password,
        CancellationToken cancellationToken
    )
    {
        var limits = programs.Options.Limits;
        var (members, bytes) = (0, 0L);
        var result = await programs.RunAsync(
            Program.SevenZip,
            ["l", "-slt", "-ba", $"-p{password}", archive],
            folder.Path,
            cancellationToken,
            async (output, token) =>
            {
                using var reader = new StreamReader(output, Encoding.UTF8, leaveOpen: true);
                var left = MaxListingBytes;
                while (left > 0 && members <= limits.MaxMembers && await reader.ReadLineAsync(token) is { } line)
                {
                    left -= line.Length;
                    members += line.StartsWith("Path = ", StringComparison.Ordinal) ? 1 : 0;
                    if (
                        line.StartsWith("Size = ", StringComparison.Ordinal)
                        && long.TryParse(line.AsSpan(7), CultureInfo.InvariantCulture, out var size)
                    )
                    {
                        bytes += size;
                    }
                }
            }
        );
        if (result.ExitCode > 1)
        {
            throw Failure(result.Errors);
        }

        if (
            members > limits.MaxMembers
            || bytes > limits.MaxUnpackedBytes
            || bytes > limits.RatioFreeBytes && bytes > packed * limits.MaxRatio
        )
        {
            throw new ContentException(
                ContentProblem.TooLarge,
                $"The archive says that it unpacks to {bytes:N0} bytes in {members:N0} files, more than the caps allow."
            );
        }
    }

    private static ContentException Failure(string errors) =>
        errors.Contains("password", StringComparison.OrdinalIgnoreCase)
        || errors.Contains("encrypted", StringComparison.OrdinalIgnoreCase)
            ? new ContentException(
                ContentProblem.Encrypted,
                "The archive is encrypted. Pack it again without a password."
            )
            : new ContentException(
                ContentProblem.Broken,
                $"The archive is broken: {errors.Split('\n').LastOrDefault(line => line.Trim().Length > 0)}"
            );

    // xz and bzip2 keep no name: it is that of the archive without its last extension.
    private static string ExtensionOf(string name)
    {
        var extension = Path.GetExtension(name);
        return extension.Length is > 1 and < 8 && extension.Skip(1).All(char.IsAsciiLetterOrDigit) ? extension : "";
    }
}
