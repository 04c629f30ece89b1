using System.Globalization;
using System.Text;
using System.Text.Json;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Clarm.Push;

/// <summary>
/// Turns pushed JSON into documents. By hand instead of by a settings type, since this is the way that thousands of
/// documents a second take.
/// </summary>
/// <param name="now">When the request came: the time of documents that name none.</param>
/// <param name="strict">Onyx's rules: ids are made URL-safe, <c>semantic_identifier</c> and <c>metadata</c> have to be given.</param>
internal sealed class DocumentReader(DateTimeOffset now, bool strict)
{
    private const int MaxIdLength = 2_000;
    private const int MaxTitleLength = 10_000;

    /// <summary>Every mistake met so far.</summary>
    public List<SettingsProblem> Problems { get; } = [];

    /// <summary>Reads one.</summary>
    /// <param name="json">The document.</param>
    /// <param name="path">Where it is in the request.</param>
    /// <returns>The document; null when there was a mistake.</returns>
    public Document? Read(JsonElement json, params object[] path)
    {
        var before = Problems.Count;
        if (json.ValueKind != JsonValueKind.Object)
        {
            Problem(path, "dict_type", "Input should be an object");
            return null;
        }

        string? id = null;
        string? name = null;
        string? title = null;
        string? source = null;
        string? link = null;
        var sections = new List<Section>();
        var hasSections = false;
        Dictionary<string, MetadataValue>? metadata = null;
        DateTimeOffset? updated = null;
        DateTimeOffset? created = null;
        IReadOnlyList<Owner> primary = [];
        IReadOnlyList<Owner> secondary = [];
        DocumentAccess? access = null;
        foreach (var member in json.EnumerateObject())
        {
            var value = member.Value;
            if (value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            switch (member.Name)
            {
                case "id":
                    id = Text(value, path, "id");
                    break;
                case "semantic_identifier":
                    name = Text(value, path, "semantic_identifier");
                    break;
                case "title":
                    title = Text(value, path, "title");
                    break;
                case "source":
                    source = Source(value, path);
                    break;
                case "sections":
                    hasSections = true;
                    link = Sections(value, path, sections);
                    break;
                case "metadata":
                    metadata = Metadata(value, path);
                    break;
                case "doc_updated_at":
                    updated = Time(value, path, "doc_updated_at");
                    break;
                case "doc_created_at":
                    created = Time(value, path, "doc_created_at");
                    break;
                case "primary_owners":
                    primary = Owners(value, path, "primary_owners");
                    break;
                case "secondary_owners":
                    secondary = Owners(value, path, "secondary_owners");
                    break;
                case "external_access":
                    access = Access(value, path);
                    break;
                default:
                    break;
            }
        }

        Demand(hasSections, path, "sections");
        Demand(metadata is not null || !strict || json.TryGetProperty("metadata", out _), path, "metadata");
        name = strict ? name : name ?? title ?? id;
        if (Problems.Count == before)
        {
            Demand(!string.IsNullOrEmpty(name), path, "semantic_identifier");
        }

        if (Problems.Count > before)
        {
            return null;
        }

        id = Identify(id, name!);
        Length(id, MaxIdLength, path, "id");
        Length(name!, MaxTitleLength, path, "semantic_identifier");
        if (title is { Length: > 0 } && title != name)
        {
            // What is shown is the semantic identifier; the title is there to be found by.
            sections.Insert(0, new Section(title));
        }

        return Problems.Count > before
            ? null
            : new Document
            {
                Id = id,
                Title = name,
                Link = link,
                Sections = sections,
                UpdatedAt = updated ?? now,
                CreatedAt = created,
                PrimaryOwners = primary,
                SecondaryOwners = secondary,
                Metadata = metadata ?? [],
                Access = access,
                SourceType = source,
            };
    }

    /// <summary>An id that can stand in a URL, as Onyx writes it. One that is already so stays the same.</summary>
    public static string UrlSafe(string id) => Uri.EscapeDataString(Uri.UnescapeDataString(id).Replace(' ', '_'));

    private string Identify(string? id, string name) =>
        string.IsNullOrEmpty(id) ? "ingestion_api_" + UrlSafe(name)
        : strict ? UrlSafe(id)
        : id;

    private string? Sections(JsonElement json, object[] path, List<Section> sections)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            Problem([.. path, "sections"], "list_type", "Input should be a valid list");
            return null;
        }

        string? first = null;
        var index = 0;
        foreach (var item in json.EnumerateArray())
        {
            if (Section(item, path, index++) is { } section)
            {
                first ??= section.Link;
                if (section.Text.Length > 0 || section.Heading is not null)
                {
                    sections.Add(section);
                }
            }
        }

        return first;
    }

    private Section? Section(JsonElement json, object[] path, int index)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            Problem([.. path, "sections", index], "dict_type", "Input should be an object");
            return null;
        }

        if (!json.TryGetProperty("text", out var text) || text.ValueKind == JsonValueKind.Null)
        {
            var isFile = json.TryGetProperty("image_file_id", out _) || json.TryGetProperty("csv_file_id", out _);
            Problem(
                [.. path, "sections", index, "text"],
                isFile ? "value_error" : "missing",
                isFile
                    ? "Files are not read here: send their text, or upload them to a source of type 'file'"
                    : "Field required"
            );
            return null;
        }

        var content = Text(text, path, "sections", index, "text");
        return content is null
            ? null
            : new Section(
                content,
                Optional(json, "link", path, "sections", index),
                Optional(json, "heading", path, "sections", index)
            );
    }

    private Dictionary<string, MetadataValue>? Metadata(JsonElement json, object[] path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            Problem([.. path, "metadata"], "dict_type", "Input should be an object");
            return null;
        }

        var result = new Dictionary<string, MetadataValue>();
        foreach (var tag in json.EnumerateObject())
        {
            if (tag.Value.ValueKind == JsonValueKind.Array)
            {
                result[Clean(tag.Name)] = MetadataValue.FromList(tag.Value.EnumerateArray().Select(Plain));
            }
            else if (tag.Value.ValueKind != JsonValueKind.Null)
            {
                result[Clean(tag.Name)] = Plain(tag.Value);
            }
        }

        return result;
    }

    private List<Owner> Owners(JsonElement json, object[] path, string member)
    {
        var owners = new List<Owner>();
        if (json.ValueKind != JsonValueKind.Array)
        {
            Problem([.. path, member], "list_type", "Input should be a valid list");
            return owners;
        }

        var index = 0;
        foreach (var item in json.EnumerateArray())
        {
            if (Owner(item, path, member, index++) is { } owner)
            {
                owners.Add(owner);
            }
        }

        return owners;
    }

    private Owner? Owner(JsonElement json, object[] path, string member, int index)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            var text = Clean(json.GetString()!);
            return text.Length == 0 ? null
                : text.Contains('@') ? new Owner(null, text)
                : new Owner(text);
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            Problem([.. path, member, index], "dict_type", "Input should be an object");
            return null;
        }

        var first = Optional(json, "first_name", path, member, index);
        var middle = Optional(json, "middle_initial", path, member, index);
        var last = Optional(json, "last_name", path, member, index);
        var display = Optional(json, "display_name", path, member, index);
        var email = Optional(json, "email", path, member, index);

        // Onyx's order: the full name, the display name, and only then half a name.
        var full =
            first is not null && last is not null
                ? string.Join(' ', ((string?[])[first, middle, last]).Where(part => part is not null))
                : null;
        var name = full ?? display ?? (email is null ? first ?? last : null);
        return name is null && email is null ? null : new Owner(name, email);
    }

    private DocumentAccess? Access(JsonElement json, object[] path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            Problem([.. path, "external_access"], "dict_type", "Input should be an object");
            return null;
        }

        return new DocumentAccess(
            json.TryGetProperty("is_public", out var open) && open.ValueKind == JsonValueKind.True,
            Texts(json, path, "external_user_emails"),
            [.. Texts(json, path, "external_user_group_ids").Select(group => $"ingestion_api:{group}")]
        );
    }

    private List<string> Texts(JsonElement json, object[] path, string member)
    {
        var texts = new List<string>();
        if (!json.TryGetProperty(member, out var list) || list.ValueKind == JsonValueKind.Null)
        {
            return texts;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            Problem([.. path, "external_access", member], "list_type", "Input should be a valid list");
            return texts;
        }

        foreach (var item in list.EnumerateArray())
        {
            if (Text(item, path, "external_access", member, texts.Count) is { } text)
            {
                texts.Add(text);
            }
        }

        return texts;
    }

    private string? Source(JsonElement json, object[] path)
    {
        var text = Text(json, path, "source");
        if (
            text is null
            || (
                text.Length is > 0 and <= 100
                && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')
            )
        )
        {
            return text;
        }

        Problem([.. path, "source"], "enum", "Input should be a source type, such as 'web' or 'ingestion_api'");
        return null;
    }

    private DateTimeOffset? Time(JsonElement json, object[] path, string member)
    {
        // A time without a zone is UTC.
        if (
            json.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParse(
                json.GetString(),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time
            )
        )
        {
            return time;
        }

        if (
            json.ValueKind == JsonValueKind.Number
            && json.TryGetInt64(out var seconds)
            && seconds is > -62_135_596_800 and < 253_402_300_799
        )
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        Problem(
            [.. path, member],
            "datetime_parsing",
            "Input should be a date and time in ISO 8601, e.g. 2025-01-15T08:30:00Z"
        );
        return null;
    }

    private string? Optional(JsonElement json, string name, object[] path, string list, int index) =>
        json.TryGetProperty(name, out var value)
        && value.ValueKind != JsonValueKind.Null
        && Text(value, path, list, index, name) is { Length: > 0 } text
            ? text
            : null;

    private string? Text(JsonElement json, object[] path, params ReadOnlySpan<object> member)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            return Clean(json.GetString()!);
        }

        Problem([.. path, .. member], "string_type", "Input should be a valid string");
        return null;
    }

    private static string Plain(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.String => Clean(json.GetString()!),
            JsonValueKind.Null => "",
            _ => Clean(json.GetRawText()),
        };

    // Programs that extract text leave NULs in it, and databases refuse them; nobody searches for them.
    private static string Clean(string text) =>
        text.Contains('\0') ? new StringBuilder(text).Replace("\0", "").ToString() : text;

    private void Demand(bool given, object[] path, string member)
    {
        if (!given)
        {
            Problem([.. path, member], "missing", "Field required");
        }
    }

    private void Length(string text, int max, object[] path, string member)
    {
        if (text.Length > max)
        {
            Problem([.. path, member], "string_too_long", $"String should have at most {max} characters");
        }
    }

    private void Problem(object[] path, string code, string message) =>
        Problems.Add(new SettingsProblem(path, code, message));
}
