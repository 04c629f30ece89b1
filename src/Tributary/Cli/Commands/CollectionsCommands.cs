using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary collections …</c>.</summary>
internal static class CollectionsCommands
{
    /// <summary>Makes the group.</summary>
    public static Command Create(Terminal terminal)
    {
        var group = new DocumentedCommand(
            "collections",
            "Group sources to search them together.",
            "tributary collections list"
        );
        var options = new ClientOptions(group, terminal);
        group.Add(Create(options));
        group.Add(List(options));
        group.Add(Show(options));
        group.Add(Delete(options));
        return group;
    }

    private static DocumentedCommand Create(ClientOptions options)
    {
        var name = new Option<string>("--name")
        {
            Description = "What to call it.",
            HelpName = "text",
            Required = true,
        };
        var sources = new Option<string[]>("--source")
        {
            Description = "A source by id or name; may be given several times.",
            HelpName = "source",
        };
        var command = new DocumentedCommand(
            "create",
            "Make a collection.",
            "tributary collections create --name Handbook --source Docs --source 14"
        )
        {
            name,
            sources,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var ids = new JsonArray();
                foreach (var source in parsed.GetValue(sources) ?? [])
                {
                    ids.Add(await SourceLookup.FindSourceAsync(session.Client, source, cancellationToken));
                }

                var body = new JsonObject { ["name"] = parsed.GetRequiredValue(name), ["sources"] = ids };
                var answer = await session.Client.PostAsync("v1/collections/create", body, cancellationToken);
                if (!session.PrintedJson(answer))
                {
                    session.Say($"Collection {answer.Text("id")} is made.");
                }

                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static DocumentedCommand List(ClientOptions options)
    {
        var limit = Limits.Option(1000);
        var command = new DocumentedCommand("list", "List collections.", "tributary collections list") { limit };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var items = await session.Client.ListAsync("v1/collections", parsed.GetValue(limit), cancellationToken);
                if (session.PrintedJson(new { items, next_cursor = (string?)null }))
                {
                    return ExitCode.Ok;
                }

                if (items.Count == 0)
                {
                    session.Say("There are no collections. Make one with 'tributary collections create'.");
                    return ExitCode.Ok;
                }

                Tables.Write(
                    session.Terminal,
                    ["ID", "NAME", "SOURCES"],
                    items.Select(item =>
                        (IReadOnlyList<string>)
                            [item.Text("id"), item.Text("name"), string.Join(", ", SourceNames(item))]
                    )
                );
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static DocumentedCommand Show(ClientOptions options)
    {
        var collection = CollectionArgument();
        var command = new DocumentedCommand(
            "show",
            "Show one collection with its sources.",
            "tributary collections show Handbook"
        )
        {
            collection,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var id = await SourceLookup.FindCollectionAsync(
                    session.Client,
                    parsed.GetRequiredValue(collection),
                    cancellationToken
                );
                var answer = await session.Client.GetAsync($"v1/collections/{id}", cancellationToken);
                if (session.PrintedJson(answer))
                {
                    return ExitCode.Ok;
                }

                session.Say($"Collection {id} · {answer.Text("name")}");
                Tables.Write(
                    session.Terminal,
                    ["ID", "NAME", "TYPE"],
                    answer
                        .Member("sources")
                        .Items()
                        .Select(source =>
                            (IReadOnlyList<string>)[source.Text("id"), source.Text("name"), source.Text("type")]
                        )
                );
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static DocumentedCommand Delete(ClientOptions options)
    {
        var collection = CollectionArgument();
        var command = new DocumentedCommand(
            "delete",
            "Delete a collection. Its sources and their documents stay.",
            "tributary collections delete Handbook"
        )
        {
            collection,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var id = await SourceLookup.FindCollectionAsync(
                    session.Client,
                    parsed.GetRequiredValue(collection),
                    cancellationToken
                );
                var answer = await session.Client.DeleteAsync($"v1/collections/{id}", cancellationToken);
                if (!answer.Exists() || !session.PrintedJson(answer))
                {
                    session.Say($"Collection {id} is deleted.");
                }

                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static Argument<string> CollectionArgument() =>
        new("collection") { Description = "The collection's id or name." };

    private static IEnumerable<string> SourceNames(JsonElement collection) =>
        collection.Member("sources").Items().Select(source => source.Text("name"));
}
