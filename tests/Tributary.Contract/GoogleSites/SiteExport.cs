using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Tributary.Integrations.GoogleSites;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.GoogleSites;

/// <summary>An uploaded export of a site with a page for each item; each change uploads a newer one under the same id.</summary>
public sealed class SiteExport : ConformanceSource
{
    private const string Id = "upload-1";
    private readonly SortedDictionary<string, byte[]> _pages = new(StringComparer.Ordinal);
    private readonly List<ReaderHarness> _harnesses = [];

    public override object Config =>
        new GoogleSitesConfig { BaseUrl = "https://sites.google.com/view/handbook", ZipPath = Id };

    public override IEnumerable<BadSettings> BadSettings =>
        [
            new("an unknown upload", Of("gone"), null, FailureKind.Configuration),
            new("no zip", Of("text"), null, FailureKind.Configuration),
            new("no published page", Of("empty"), null, FailureKind.Configuration),
        ];

    public override void Equip(ReaderHarness harness)
    {
        harness.Html = Content.Html;
        harness.Containers = Content.Containers;
        harness.Files.Add("text", "notes.txt", "no zip");
        harness.Files.Add(
            "empty",
            "empty.zip",
            Zip(new Dictionary<string, byte[]> { ["Site/DRAFT/a.html"] = "draft"u8.ToArray() })
        );
        _harnesses.Add(harness);
        harness.Files.Add(Id, "site.zip", Zip(_pages));
    }

    public override Task FillAsync(int count, int textLength = 40)
    {
        for (var index = 0; index < count; index++)
        {
            Put($"item {index}", $"Text of item {index}. ".PadRight(textLength, 'x'));
        }

        return UploadAsync();
    }

    public override Task AddAsync(string name) => PutAndUploadAsync(name, $"Text of {name}.");

    public override Task ChangeAsync(string name) => PutAndUploadAsync(name, $"Another text of {name}.");

    public override Task RemoveAsync(string name)
    {
        _pages.Remove(EntryOf(name));
        return UploadAsync();
    }

    public override Task AddBrokenAsync(string name)
    {
        var noise = new byte[6 * 1024 * 1024];
        RandomNumberGenerator.Fill(noise);
        _pages[EntryOf(name)] = Encoding.ASCII.GetBytes(Convert.ToHexString(noise));
        return UploadAsync();
    }

    /// <summary>Puts an entry into the export.</summary>
    public Task AddEntryAsync(string path, string html)
    {
        _pages[path] = Encoding.UTF8.GetBytes(html);
        return UploadAsync();
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A page as Google exports it.</summary>
    public static string Page(string title, string text, string menu) =>
        $"""
            <!DOCTYPE html><html><head><title>{title}</title><style>p {"{"}color: red{"}"}</style></head><body>
            <header><div><nav><ul>{menu}</ul></nav></div></header>
            <div data-is-touch-wrapper="true"><div>Skip to main content</div></div>
            <div role="main"><h1>{title}</h1><p>{text}</p></div>
            <script>var tracked = true;</script></body></html>
            """;

    private static GoogleSitesConfig Of(string id) =>
        new() { BaseUrl = "https://sites.google.com/view/x", ZipPath = id };

    private static string EntryOf(string name) => $"Takeout/Drive/Handbook/PUBLISHED/{name}.html";

    private void Put(string name, string text) =>
        _pages[EntryOf(name)] = Encoding.UTF8.GetBytes(
            Page(name, text, $"<li data-nav-level=\"1\"><a aria-selected=\"true\" href=\"#\">{name}</a></li>")
        );

    private Task PutAndUploadAsync(string name, string text)
    {
        Put(name, text);
        return UploadAsync();
    }

    private Task UploadAsync()
    {
        var zip = Zip(_pages);
        foreach (var harness in _harnesses)
        {
            harness.Files.Add(Id, "site.zip", zip);
        }

        return Task.CompletedTask;
    }

    private static byte[] Zip(IEnumerable<KeyValuePair<string, byte[]>> pages)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, content) in pages)
            {
                var entry = zip.CreateEntry(path, CompressionLevel.Fastest);
                entry.LastWriteTime = new DateTimeOffset(2024, 5, 6, 7, 8, 10, TimeSpan.Zero);
                using var stream = entry.Open();
                stream.Write(content);
            }
        }

        return bytes.ToArray();
    }
}
