using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary search</c>.</summary>
internal static class SearchCommand
{
    /// <summary>Makes it.</summary>
    public static Command Create(Terminal terminal)
    {
        var words = new Argument<string[]>("words")
        {
            Description = "What to look for. \"phrases\", -without and prefix* are understood.",
            Arity = ArgumentArity.OneOrMore,
        };
        var types = new Option<string[]>("--type")
        {
            Description = "Only sources of this type; may be given several times.",
            HelpName = "slug",
        };
        var sources = new Option<string[]>("--source")
        {
            Description = "Only this source, by id or name; may be given several times.",
            HelpName = "source",
        };
        var collections = new Option<string[]>("--collection")
        {
            Description = "Only this collection, by id or name; may be given several times.",
            HelpName = "collection",
        };
        var limit = Limits.Option(10, most: 100);
        var command = new DocumentedCommand(
            "search",
            "Search everything that was read.",
            "tributary search vacation policy",
            "tributary search '\"rate limit\" -draft retr*'",
            "tributary search vacation --collection Handbook --limit 3",
            "tributary search vacation --json"
        )
        {
            words,
            types,
            sources,
            collections,
            limit,
        };
        new ClientOptions(command, terminal).Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var body = new JsonObject
                {
                    ["query"] = string.Join(' ', parsed.GetRequiredValue(words)),
                    ["limit"] = parsed.GetValue(limit),
                };
                var filters = new JsonObject();
                Add(filters, "source_type", (parsed.GetValue(types) ?? []).Select(type => (JsonNode)type));
                Add(
                    filters,
                    "source_ids",
                    await IdsAsync(session, parsed.GetValue(sources), SourceLookup.FindSourceAsync, cancellationToken)
                );
                Add(
                    filters,
                    "collection_ids",
                    await IdsAsync(
                        session,
                        parsed.GetValue(collections),
                        SourceLookup.FindCollectionAsync,
                        cancellationToken
                    )
                );
                if (filters.Count > 0)
                {
                    body["filters"] = filters;
                }

                var answer = await session.Client.PostAsync("v1/search", body, cancellationToken);
                if (!session.PrintedJson(answer))
                {
                    Write(session.Terminal, answer);
                }

                return ExitCode.Ok;
            }
        );
        return command;
    }

    /// <summary>Shows hits, best first.</summary>
    public static void Write(Terminal terminal, JsonElement answer)
    {
        var hits = answer.Member("citations").Items().ToList();
        if (hits.Count == 0)
        {
            terminal.Out.WriteLine("Nothing was found.");
            return;
        }

        var console = terminal.OutConsole();
        var number = 0;
        foreach (var hit in hits)
        {
            number++;
            var score = hit.Member("score") is { ValueKind: JsonValueKind.Number } value
                ? value.GetDouble().ToString("0.00", CultureInfo.InvariantCulture)
                : "";
            var title = Markup.Escape(PlainText.OneLine(hit.Text("semantic_identifier")));
            console.MarkupLine($"{number}. [bold]{title}[/]  [dim]{Markup.Escape(hit.Text("source_type"))} {score}[/]");
            if (hit.Text("link") is { Length: > 0 } link)
            {
                console.MarkupLine($"   {Markup.Escape(PlainText.OneLine(link))}");
            }

            console.Write(Passage(hit));
            console.WriteLine();
        }
    }

    // The server marks the words that were found with <hi>; texts may hold such marks of their own, unpaired too.
    private static Paragraph Passage(JsonElement hit)
    {
        var highlight = hit.Member("match_highlights").Items().FirstOrDefault().Text() ?? hit.Text("blurb");
        var paragraph = new Paragraph("   ");
        var isFound = false;
        foreach (var part in PlainText.OneLine(highlight).Split("<hi>"))
        {
            var end = isFound ? part.IndexOf("</hi>", StringComparison.Ordinal) : -1;
            if (end >= 0)
            {
                paragraph.Append(part[..end], new Style(Color.Yellow));
            }

            paragraph.Append((end >= 0 ? part[end..] : part).Replace("</hi>", "", StringComparison.Ordinal));
            isFound = true;
        }

        return paragraph;
    }

    private static void Add(JsonObject filters, string name, IEnumerable<JsonNode> values)
    {
        var list = new JsonArray([.. values]);
        if (list.Count > 0)
        {
            filters[name] = list;
        }
    }

    private static async Task<List<JsonNode>> IdsAsync(
        ClientSession session,
        string[]? names,
        Func<ServerClient, string, CancellationToken, Task<long>> find,
        CancellationToken cancellationToken
    )
    {
        var ids = new List<JsonNode>();
        foreach (var name in names ?? [])
        {
            ids.Add(await find(session.Client, name, cancellationToken));
        }

        return ids;
    }
}
