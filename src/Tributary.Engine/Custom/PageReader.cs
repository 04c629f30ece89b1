using System.Text.Json;
using Tributary.Sdk;

namespace Tributary.Engine.Custom;

/// <summary>Reads a page of records, whichever generation's shape it has, and holds it to the contract.</summary>
internal static class PageReader
{
    private const int MaxColumns = 2_000;
    private const int MaxSlug = 200;

    private static readonly string[] _types =
    [
        "string",
        "number",
        "object",
        "array",
        "date",
        "boolean",
        "vector",
        "any",
    ];

    /// <summary>Reads one.</summary>
    /// <param name="answer">What the server sent.</param>
    /// <param name="violation">Makes the exception for something that is against the contract.</param>
    public static ExtractorPage Read(JsonElement answer, Func<string, SourceException> violation)
    {
        if (answer.ValueKind != JsonValueKind.Object)
        {
            throw violation("the answer should be an object.");
        }

        // The middle generations put what depends on the kind into data.
        var data = answer.Object("data") ?? answer;
        var meta = (data.Member("meta") ?? answer.Member("meta"))?.Clone();
        var outcome = answer.Text("outcome");
        if (outcome == "fetching")
        {
            return new ExtractorPage { IsReady = false, Meta = meta };
        }

        if (outcome is not (null or "fetched"))
        {
            throw violation($"outcome is '{Short(outcome)}' and should be 'fetched' or 'fetching'.");
        }

        var kind = data.Text("kind") ?? answer.Text("kind") ?? "record";
        var page = kind switch
        {
            "record" or "records" => Records(answer, data, violation),
            "file" or "files" => Files(data, violation),
            "query" or "command" => throw violation(
                "a query was sent, which needs a warehouse of the integration's; only records and files can be stored here."
            ),
            _ => throw violation($"kind is '{Short(kind)}' and should be 'record' or 'file'."),
        };
        return page with
        {
            HasMore = data.Flag("hasMore") ?? false,
            Meta = meta,
            Count = answer.Whole("count") ?? data.Whole("count"),
        };
    }

    private static ExtractorPage Records(JsonElement answer, JsonElement data, Func<string, SourceException> violation)
    {
        var columns = Columns(answer.Member("columns") is null ? data : answer, violation);
        var id = Column("idColumnSlug") ?? throw violation("idColumnSlug is missing.");
        if (data.Member("records") is not { ValueKind: JsonValueKind.Array } rows)
        {
            throw violation("records should be an array.");
        }

        var byName = columns.ToDictionary(column => column.Slug, StringComparer.Ordinal);
        return new ExtractorPage
        {
            Columns = columns,
            IdColumnSlug = id,
            TitleColumnSlug = Column("titleColumnSlug"),
            TimeColumnSlug = Column("timeColumnSlug"),
            TextColumnSlug = Column("textColumnSlug"),
            LinkColumnSlug = Column("linkColumnSlug"),
            Records = [.. rows.EnumerateArray().Select((row, index) => Row(row, index, id, byName, violation))],
        };

        string? Column(string member)
        {
            if ((answer.Member(member) ?? data.Member(member)) is not { } value)
            {
                return null;
            }

            var slug = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            return slug is not null && columns.Any(column => column.Slug == slug)
                ? slug
                : throw violation($"{member} names no column.");
        }
    }

    private static List<ExtractorColumn> Columns(JsonElement holder, Func<string, SourceException> violation)
    {
        if (holder.Member("columns") is not { ValueKind: JsonValueKind.Array } array)
        {
            throw violation("columns should be an array.");
        }

        if (array.GetArrayLength() > MaxColumns)
        {
            throw violation($"there are more than {MaxColumns} columns.");
        }

        var columns = new List<ExtractorColumn>();
        foreach (var (column, index) in array.EnumerateArray().Select((column, index) => (column, index)))
        {
            if (column.Text("slug") is not { Length: > 0 and <= MaxSlug } slug)
            {
                throw violation($"columns[{index}].slug should be a text of 1 to {MaxSlug} characters.");
            }

            var type = column.Text("type") ?? "any";
            if (!_types.Contains(type))
            {
                throw violation($"columns[{index}].type should be one of {string.Join(", ", _types)}.");
            }

            if (columns.Any(other => other.Slug == slug))
            {
                throw violation($"columns[{index}].slug '{Short(slug)}' is there twice.");
            }

            columns.Add(new ExtractorColumn(slug, type, column.Text("label") ?? slug, column.Text("description")));
        }

        return columns;
    }

    private static ExtractedRecord Row(
        JsonElement row,
        int index,
        string id,
        Dictionary<string, ExtractorColumn> columns,
        Func<string, SourceException> violation
    )
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            throw violation($"records[{index}] should be an object.");
        }

        // A bare record, as small servers send it.
        var record =
            row.Object("record") ?? (row.Member("record") is null && row.Member(id) is not null ? row : default);
        if (record.ValueKind != JsonValueKind.Object)
        {
            throw violation($"records[{index}].record should be an object.");
        }

        if (
            record.Member(id) is not { ValueKind: JsonValueKind.String or JsonValueKind.Number } key
            || (key.ValueKind == JsonValueKind.String && key.GetString()!.Length == 0)
        )
        {
            throw violation($"records[{index}].record.{Short(id)}, its id, should be a text or a number.");
        }

        var isBare = row.Member("record") is null;
        var isRemoved = (isBare ? null : row.Text("kind") ?? row.Text("action")) switch
        {
            "removed" or "remove" => true,
            null or "added" or "updated" or "insert" or "update" or "upsert" => false,
            var other => throw violation(
                $"records[{index}].kind is '{Short(other)}' and should be added, updated or removed."
            ),
        };
        if (!isRemoved)
        {
            foreach (var member in record.EnumerateObject())
            {
                if (columns.TryGetValue(member.Name, out var column) && !Fits(column.Type, member.Value))
                {
                    throw violation(
                        $"records[{index}].record.{Short(member.Name)} should be of type {column.Type}, but is {member.Value.ValueKind.ToString().ToLowerInvariant()}."
                    );
                }
            }
        }

        return new ExtractedRecord(isRemoved, isBare || (row.Flag("override") ?? true), record);
    }

    // Files are shown as records of what is known about them.
    private static ExtractorPage Files(JsonElement data, Func<string, SourceException> violation)
    {
        if (data.Member("files") is not { ValueKind: JsonValueKind.Array } files)
        {
            throw violation("files should be an array.");
        }

        return new ExtractorPage
        {
            Columns =
            [
                new ExtractorColumn("externalId", "string", "Id"),
                new ExtractorColumn("name", "string", "Name"),
                new ExtractorColumn("contentType", "string", "Content type"),
            ],
            IdColumnSlug = "externalId",
            TitleColumnSlug = "name",
            Records =
            [
                .. files
                    .EnumerateArray()
                    .Select(
                        (file, index) =>
                            file.Text("externalId") is { Length: > 0 }
                                ? new ExtractedRecord(false, true, file)
                                : throw violation($"files[{index}].externalId should be a text.")
                    ),
            ],
        };
    }

    private static bool Fits(string type, JsonElement value) =>
        value.ValueKind == JsonValueKind.Null
        || type switch
        {
            "number" => value.ValueKind == JsonValueKind.Number,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" or "vector" => value.ValueKind == JsonValueKind.Array,
            "date" => value.ValueKind is JsonValueKind.String or JsonValueKind.Number,
            "string" => value.ValueKind
                is JsonValueKind.String
                    or JsonValueKind.Number
                    or JsonValueKind.True
                    or JsonValueKind.False,
            _ => true,
        };

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
