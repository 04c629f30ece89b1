using System.Text.Json;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.Notion;

/// <summary>The properties of a page: texts of every type that Notion has.</summary>
internal sealed class NotionProperties(NotionApi api, NotionDirectory directory)
{
    /// <summary>Pages show this many values of a relation or of people; the rest is asked for.</summary>
    private const int Shown = 25;
    private const int MostValues = 200;
    private const int MaxDepth = 4;

    /// <summary>Names with their values, in the source's order; the title and what is empty is left out.</summary>
    public async Task<IReadOnlyList<(string Name, MetadataValue Value)>> ReadAsync(
        NotionObject page,
        CancellationToken cancellationToken
    )
    {
        var found = new List<(string, MetadataValue)>();
        if (page.Properties is not { ValueKind: JsonValueKind.Object } properties)
        {
            return found;
        }

        foreach (var property in properties.EnumerateObject())
        {
            var type = Text(property.Value, "type");
            if (type is null or "title" or "button")
            {
                continue;
            }

            var texts = new List<string>();
            await AddAsync(
                await WholeAsync(page, type, property.Value, cancellationToken),
                type,
                texts,
                0,
                cancellationToken
            );
            texts.RemoveAll(string.IsNullOrWhiteSpace);
            if (texts.Count > 0)
            {
                var isList = type is "multi_select" or "people" or "relation" or "files" or "rollup";
                found.Add((property.Name, isList ? MetadataValue.FromList(texts) : string.Join(", ", texts)));
            }
        }

        return found;
    }

    /// <summary>The values, all of them where the page shows but the first.</summary>
    private async Task<JsonElement> WholeAsync(
        NotionObject page,
        string type,
        JsonElement property,
        CancellationToken cancellationToken
    )
    {
        var isCut =
            type is "relation" or "people"
            && Member(property, type) is { ValueKind: JsonValueKind.Array } shown
            && (Member(property, "has_more").ValueKind == JsonValueKind.True || shown.GetArrayLength() == Shown);
        if (!isCut || Text(property, "id") is not { } id)
        {
            return property;
        }

        var values = await api.ValuesAsync(page.Id, id, cancellationToken)
            .Select(item => Member(item, type))
            .Take(MostValues)
            .ToListAsync(cancellationToken);
        return JsonSerializer.SerializeToElement(
            new Dictionary<string, List<JsonElement>> { [type] = values },
            NotionJson.Default.DictionaryStringListJsonElement
        );
    }

    private async Task AddAsync(
        JsonElement holder,
        string type,
        List<string> texts,
        int depth,
        CancellationToken cancellationToken
    )
    {
        var value = Member(holder, type);
        if (depth > MaxDepth || texts.Count >= MostValues)
        {
            return;
        }

        switch (type)
        {
            case "title" or "rich_text":
                texts.Add(NotionDirectory.PlainText(value) ?? "");
                break;
            case "select" or "status" or "verification" or "place":
                texts.Add(Text(value, "name") ?? Text(value, "state") ?? Text(value, "address") ?? "");
                break;
            case "multi_select" or "files":
                texts.AddRange(ItemsOf(value).Select(item => Text(item, "name") ?? ""));
                break;
            case "date":
                texts.Add(string.Join(" – ", new[] { Text(value, "start"), Text(value, "end") }.OfType<string>()));
                break;
            case "unique_id":
                var number = Member(value, "number");
                texts.Add(
                    number.ValueKind != JsonValueKind.Number ? ""
                    : Text(value, "prefix") is { Length: > 0 } prefix ? $"{prefix}-{number.GetRawText()}"
                    : number.GetRawText()
                );
                break;
            case "people":
                foreach (var person in ItemsOf(value))
                {
                    await AddPersonAsync(person, texts, cancellationToken);
                }

                break;
            case "created_by" or "last_edited_by":
                await AddPersonAsync(value, texts, cancellationToken);
                break;
            case "relation":
                foreach (var id in ItemsOf(value).Select(item => Text(item, "id")).OfType<string>())
                {
                    texts.Add(await directory.PageAsync(id, cancellationToken) ?? "");
                }

                break;
            case "formula" or "rollup" when Text(value, "type") is { } inner:
                if (inner == "array")
                {
                    foreach (var item in ItemsOf(Member(value, "array")))
                    {
                        await AddAsync(item, Text(item, "type") ?? "", texts, depth + 1, cancellationToken);
                    }
                }
                else
                {
                    await AddAsync(value, inner, texts, depth + 1, cancellationToken);
                }

                break;
            default:
                texts.Add(Plain(value));
                break;
        }
    }

    private async Task AddPersonAsync(JsonElement person, List<string> texts, CancellationToken cancellationToken) =>
        texts.Add(
            Text(person, "name")
                ?? (await directory.PersonAsync(Text(person, "id"), cancellationToken))?.ToString()
                ?? ""
        );

    /// <summary>Numbers, addresses, check boxes, times, and what types are yet to come.</summary>
    private static string Plain(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.True => "yes",
            JsonValueKind.False => "no",
            _ => "",
        };

    private static IEnumerable<JsonElement> ItemsOf(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                yield return item;
            }
        }
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
