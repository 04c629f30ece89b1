using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.GoogleSites;

/// <summary>Reads the published pages of an export, one by one as the archive has them.</summary>
internal sealed class GoogleSitesReader(ReaderContext context, GoogleSitesConfig config) : IReader
{
    private const int MostBytes = 10 * 1024 * 1024;
    private const int PagesPerCheckpoint = 100;
    private static readonly DateTimeOffset NoTime = new(1980, 1, 2, 0, 0, 0, TimeSpan.Zero);

    private readonly string _site = ApiAddress.Parse(config.BaseUrl).AbsoluteUri.TrimEnd('/');

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var upload = await UploadAsync(cancellationToken);
        await foreach (var _ in PagesAsync(upload, cancellationToken))
        {
            return;
        }

        throw Wrong(
            $"The upload '{upload.Name}' has no published page (PUBLISHED/*.html). Is it the export of a site?"
        );
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var upload = await UploadAsync(cancellationToken);
        var position = request.CheckpointAs<GoogleSitesPosition>();
        var done = position?.Sha256 == upload.Sha256 ? position.Done : 0;
        var read = 0;
        await foreach (var page in PagesAsync(upload, cancellationToken))
        {
            if (++read <= done)
            {
                continue;
            }

            yield return await ItemOfAsync(upload, page, cancellationToken);
            if (read % PagesPerCheckpoint == 0)
            {
                yield return ReadItem.Checkpoint.From(new GoogleSitesPosition(upload.Sha256, read));
            }
        }

        // The next run looks at all pages again, so that what failed is tried again; known ones cost nothing.
        yield return ReadItem.Checkpoint.From(new GoogleSitesPosition(upload.Sha256, 0));
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var upload = await UploadAsync(cancellationToken);
        await foreach (var page in PagesAsync(upload, cancellationToken))
        {
            yield return page.Id;
        }
    }

    private async Task<ReadItem> ItemOfAsync(StoredFile upload, Page page, CancellationToken cancellationToken)
    {
        if (page.Html is not { } html)
        {
            return new ReadItem.Failed(page.Id, _site, page.Failure ?? "The page could not be read.");
        }

        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{_site}\n{html}")));
        var known = await context.Known.GetAsync([page.Id], cancellationToken);
        if (known.GetValueOrDefault(page.Id)?.Version == version)
        {
            return new ReadItem.Unchanged(page.Id);
        }

        var link = page.SitePath is null
            ? _site
            : $"{_site}/{string.Join('/', page.SitePath.Split('/').Select(Uri.EscapeDataString))}";
        var content = context.Html.Convert(
            Encoding.UTF8.GetBytes(SitePage.WithoutFrame(html)),
            new HtmlOptions
            {
                BaseUri = new Uri(link),
                Charset = "utf-8",
                MainContentOnly = false,
                SectionPerHeading = false,
            }
        );
        var text = string.Join("\n\n", content.Sections.Select(section => section.Text)).Trim();
        return new ReadItem.Found(
            new Document
            {
                Id = page.Id,
                Title = content.Title ?? Path.GetFileNameWithoutExtension(page.Entry),
                Link = link,
                Sections = text.Length > 0 ? [new Section(text, link)] : [],
                Version = version,
                UpdatedAt =
                    page.ModifiedAt > NoTime && page.ModifiedAt <= upload.UploadedAt.AddDays(1)
                        ? page.ModifiedAt
                        : upload.UploadedAt,
            }
        );
    }

    private async Task<StoredFile> UploadAsync(CancellationToken cancellationToken) =>
        await context.Files.FindAsync(config.FileId, cancellationToken)
        ?? throw Wrong($"There is no uploaded file with the id '{config.FileId}': upload the export again.");

    /// <summary>The published pages, in the archive's order.</summary>
    private async IAsyncEnumerable<Page> PagesAsync(
        StoredFile upload,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var stream = await context.Files.OpenAsync(upload.Id, cancellationToken);
        if (context.Containers.Identify(upload.Name, stream) != ContainerKind.Archive)
        {
            throw Wrong($"The upload '{upload.Name}' is no zip file. Upload the export as Google gives it.");
        }

        // Two pages of one name would otherwise overwrite each other; marks instead of names keep this small.
        var taken = new HashSet<long>();
        var file = new FileContent { Name = upload.Name, OpenAsync = _ => ValueTask.FromResult<Stream>(stream) };
        await using var members = context
            .Containers.OpenAsync(file, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(members, upload))
        {
            var member = members.Current;
            if (!IsPage(member.Path))
            {
                await DiscardAsync(member, cancellationToken);
                continue;
            }

            var (html, failure) = await HtmlOfAsync(member, cancellationToken);
            var path = html is null ? null : SitePage.PathOf(html);
            var name =
                path is not null && taken.Add(BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(path))))
                    ? path
                    : member.Path;
            yield return new Page($"google_sites:{name}", member.Path, path, member.ModifiedAt, html, failure);
        }
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ContainerMember> members, StoredFile upload)
    {
        try
        {
            return await members.MoveNextAsync();
        }
        catch (ContentException exception)
        {
            throw Wrong($"The upload '{upload.Name}' cannot be unpacked: {exception.Message}");
        }
    }

    private static async Task<(string? Html, string? Failure)> HtmlOfAsync(
        ContainerMember member,
        CancellationToken cancellationToken
    )
    {
        if (member.Content is not { } content)
        {
            return (null, member.Failure);
        }

        try
        {
            await using var stream = await content.OpenAsync(cancellationToken);
            if (stream.Length > MostBytes)
            {
                return (null, $"The page {member.Path} is larger than 10 MB, which no page of a site should be.");
            }

            using var reader = new StreamReader(stream);
            return (await reader.ReadToEndAsync(cancellationToken), null);
        }
        catch (ContentException exception)
        {
            return (null, exception.Message);
        }
    }

    private static async Task DiscardAsync(ContainerMember member, CancellationToken cancellationToken)
    {
        if (member.Content is { } content)
        {
            await (await content.OpenAsync(cancellationToken)).DisposeAsync();
        }
    }

    private static bool IsPage(string path) =>
        ("/" + path).Contains("/PUBLISHED/", StringComparison.Ordinal)
        && path.EndsWith(".html", StringComparison.OrdinalIgnoreCase);

    private static SourceException Wrong(string message) =>
        new(FailureKind.Configuration, message) { Member = "config.zip_path" };

    private sealed record Page(
        string Id,
        string Entry,
        string? SitePath,
        DateTimeOffset? ModifiedAt,
        string? Html,
        string? Failure
    );
}

/// <summary>Where a read stands.</summary>
/// <param name="Sha256">Of which export; with another one a read begins afresh.</param>
/// <param name="Done">How many pages are done.</param>
internal sealed record GoogleSitesPosition(string Sha256, int Done);
