using System.IO.Compression;
using System.Text;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Tests;

/// <summary>The services under test, and short ways to make files for them.</summary>
internal static class Extraction
{
    public static TributaryExtraction Default { get; } = new();

    public static FileContent File(string name, byte[] bytes, string? password = null, string? contentType = null) =>
        new()
        {
            Name = name,
            Password = password,
            ContentType = contentType,
            OpenAsync = _ => ValueTask.FromResult<Stream>(new MemoryStream(bytes)),
        };

    public static Task<ExtractedText> ExtractAsync(
        string name,
        byte[] bytes,
        string? password = null,
        string? contentType = null,
        ExtractionLimits? limits = null
    ) =>
        With(limits).Text.ExtractAsync(File(name, bytes, password, contentType), TestContext.Current.CancellationToken);

    public static Task<ExtractedText> ExtractAsync(string name, string text) =>
        ExtractAsync(name, Encoding.UTF8.GetBytes(text));

    public static async Task<ContentException> FailAsync(
        string name,
        byte[] bytes,
        string? password = null,
        ExtractionLimits? limits = null
    ) => await Should.ThrowAsync<ContentException>(() => ExtractAsync(name, bytes, password, limits: limits));

    public static async Task<List<ContainerMember>> MembersAsync(
        string name,
        byte[] bytes,
        ExtractionLimits? limits = null
    )
    {
        var members = new List<ContainerMember>();
        await foreach (
            var member in With(limits).Containers.OpenAsync(File(name, bytes), TestContext.Current.CancellationToken)
        )
        {
            members.Add(member);
        }

        return members;
    }

    public static async Task<byte[]> ReadAsync(ContainerMember member)
    {
        await using var content = await member.Content!.OpenAsync(TestContext.Current.CancellationToken);
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy);
        return copy.ToArray();
    }

    public static async Task<string> ReadTextAsync(ContainerMember member) =>
        Encoding.UTF8.GetString(await ReadAsync(member));

    /// <summary>A zip of texts, in the order given.</summary>
    public static byte[] Zip(params (string Name, string Text)[] entries) =>
        Zip(entries.Select(entry => (entry.Name, Encoding.UTF8.GetBytes(entry.Text))).ToArray());

    public static byte[] Zip(params (string Name, byte[] Bytes)[] entries)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                var level = name == "mimetype" ? CompressionLevel.NoCompression : CompressionLevel.Optimal;
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }

        return file.ToArray();
    }

    /// <summary>All sections as one text, headings as "## ".</summary>
    public static string Text(this ExtractedText text) =>
        string.Join(
            "\n\n",
            text.Sections.Select(section =>
                section.Heading is null ? section.Text : $"## {section.Heading}\n{section.Text}"
            )
        );

    private static TributaryExtraction With(ExtractionLimits? limits) =>
        limits is null ? Default : new TributaryExtraction(new ExtractionOptions { Limits = limits });
}
