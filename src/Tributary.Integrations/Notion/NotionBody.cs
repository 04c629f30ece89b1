using System.Net;
using System.Text;
using System.Text.Json;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Markup;

namespace Tributary.Integrations.Notion;

/// <summary>What stands on a page: sections by headings, the pages and databases in it, and its files.</summary>
/// <param name="Sections">In order.</param>
/// <param name="Children">What is read for itself: <c>c:</c> and a page's id, <c>b:</c> and a database's.</param>
/// <param name="Files">Those that Notion keeps.</param>
internal sealed record NotionBody(
    IReadOnlyList<Section> Sections,
    IReadOnlyList<string> Children,
    IReadOnlyList<NotionFile> Files
)
{
    public const string PagePrefix = "c:";
    public const string DatabasePrefix = "b:";

    private const int MostBlocks = 5_000;
    private const int MaxDepth = 20;

    /// <summary>Reads a page's blocks, level by level.</summary>
    /// <param name="api">Notion.</param>
    /// <param name="page">The page's id.</param>
    /// <param name="link">Its address, for anchors.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<NotionBody> ReadAsync(
        NotionApi api,
        string page,
        string? link,
        CancellationToken cancellationToken
    )
    {
        var builder = new Builder(api, link);
        builder.Visited.Add(page);
        await builder.AddAsync(page, 0, cancellationToken);
        builder.EndSection();
        return new NotionBody(builder.Sections, builder.Children, builder.Files);
    }

    private sealed class Builder(NotionApi api, string? link)
    {
        private readonly StringBuilder _text = new();
        private string? _heading;
        private string? _anchor;
        private bool _wasListed;
        private int _blocks;

        public List<Section> Sections { get; } = [];

        public List<string> Children { get; } = [];

        public List<NotionFile> Files { get; } = [];

        /// <summary>Blocks that were gone into: synced blocks may lead in circles.</summary>
        public HashSet<string> Visited { get; } = new(StringComparer.Ordinal);

        public async Task AddAsync(string parent, int depth, CancellationToken cancellationToken)
        {
            await foreach (var block in api.ChildrenAsync(parent, cancellationToken))
            {
                if (_blocks++ >= MostBlocks)
                {
                    return;
                }

                await AddBlockAsync(block, depth, cancellationToken);
            }
        }

        public void EndSection()
        {
            if (_text.Length > 0 || _heading is not null)
            {
                Sections.Add(new Section(_text.ToString(), LinkTo(_anchor), _heading));
            }

            _text.Clear();
            (_heading, _anchor, _wasListed) = (null, null, false);
        }

        private async Task AddBlockAsync(JsonElement block, int depth, CancellationToken cancellationToken)
        {
            var type = Text(block, "type");
            if (type is null || Text(block, "id") is not { Length: > 0 } id)
            {
                return;
            }

            switch (type)
            {
                case "child_page":
                    Children.Add(PagePrefix + id);
                    break;
                case "child_database":
                    Children.Add(DatabasePrefix + id);
                    break;
                case "file" or "pdf" or "image" when NotionFile.Of(block, type, id, LinkTo(id)) is { } file:
                    Files.Add(file);
                    break;
                case "heading_1" or "heading_2" or "heading_3" or "heading_4":
                    EndSection();
                    (_heading, _anchor) = (NotionDirectory.PlainText(Member(Member(block, type), "rich_text")), id);
                    break;
            }

            if (!type.StartsWith("heading_", StringComparison.Ordinal))
            {
                AddLine(NotionBlocks.ToMarkdown(block, depth), IsListed(type));
            }

            // A page in a page has a document of its own. A copy of a synced block has the original's content.
            var original = Text(Member(Member(block, type), "synced_from"), "block_id");
            var isEntered = type is not ("child_page" or "child_database") && depth < MaxDepth;
            if (isEntered && (Is(block, "has_children") || original is not null) && Visited.Add(original ?? id))
            {
                await AddSharedAsync(original ?? id, IsListed(type) ? depth + 1 : depth, cancellationToken);
            }
        }

        /// <summary>Blocks that were not shared are as if they were not there.</summary>
        private async Task AddSharedAsync(string parent, int depth, CancellationToken cancellationToken)
        {
            try
            {
                await AddAsync(parent, depth, cancellationToken);
            }
            catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
            {
                // Their owner keeps them to himself.
            }
        }

        private void AddLine(string line, bool isListed)
        {
            if (line.Length == 0)
            {
                return;
            }

            if (_text.Length > 0)
            {
                _text.Append(isListed && _wasListed ? "\n" : "\n\n");
            }

            _text.Append(line);
            _wasListed = isListed;
        }

        private string? LinkTo(string? block) =>
            block is null ? link : $"{link}#{block.Replace("-", "", StringComparison.Ordinal)}";

        private static bool IsListed(string type) =>
            type is "bulleted_list_item" or "numbered_list_item" or "to_do" or "toggle" or "table_row";
    }

    private static bool Is(JsonElement element, string name) => Member(element, name).ValueKind == JsonValueKind.True;

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}

/// <summary>A file that Notion keeps. Its address works for an hour.</summary>
internal sealed record NotionFile(string Id, string Name, Uri Address, string? Link, string? EditedAt)
{
    /// <summary>A mark of its content: the address without what changes each hour.</summary>
    public string Version => $"{EditedAt}|{Address.AbsolutePath}";

    /// <summary>The file of a block; null where it is somebody else's, at an address of his.</summary>
    public static NotionFile? Of(JsonElement block, string type, string id, string? link)
    {
        if (
            !block.TryGetProperty(type, out var body)
            || body.ValueKind != JsonValueKind.Object
            || !body.TryGetProperty("file", out var file)
            || file.ValueKind != JsonValueKind.Object
            || !file.TryGetProperty("url", out var url)
            || url.ValueKind != JsonValueKind.String
            || !Uri.TryCreate(url.GetString(), UriKind.Absolute, out var address)
            || address.Scheme is not ("https" or "http")
        )
        {
            return null;
        }

        var name =
            body.TryGetProperty("name", out var named) && named.ValueKind == JsonValueKind.String
                ? named.GetString()
                : null;
        var edited =
            block.TryGetProperty("last_edited_time", out var time) && time.ValueKind == JsonValueKind.String
                ? time.GetString()
                : null;
        return new NotionFile(
            id,
            name is { Length: > 0 } ? name : Uri.UnescapeDataString(address.Segments[^1]),
            address,
            link,
            edited
        );
    }
}
