using System.CommandLine;
using System.Text.Json.Nodes;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary sources …</c>: the group, and the commands that look.</summary>
internal static class SourcesCommands
{
    /// <summary>Makes the group.</summary>
    public static Command Create(Terminal terminal)
    {
        var group = new DocumentedCommand(
            "sources",
            "Create sources, look at them, run, pause and delete them.",
            "tributary sources list",
            "tributary sources create --type web --name Docs --set base_url=https://docs.example.com --wait"
        );
        var options = new ClientOptions(group, terminal);
        group.Add(SourcesCreateCommand.Create(options));
        group.Add(List(options));
        group.Add(Show(options));
        group.Add(SourceRunCommands.Run(options));
        group.Add(Simple(options, "pause", "Stop what goes on at a source and schedule nothing more.", "is paused"));
        group.Add(Simple(options, "resume", "Let a paused source go on from where it stopped.", "goes on"));
        group.Add(SourceRunCommands.Prune(options));
        group.Add(SourceRunCommands.Delete(options));
        group.Add(Failures(options));
        return group;
    }

    /// <summary>The argument of every command on one source.</summary>
    public static Argument<string> SourceArgument() => new("source") { Description = "The source's id or name." };

    private static DocumentedCommand List(ClientOptions options)
    {
        var type = new Option<string?>("--type") { Description = "Only sources of this type.", HelpName = "type" };
        var name = new Option<string?>("--name")
        {
            Description = "Only sources whose name holds this.",
            HelpName = "text",
        };
        var status = new Option<string?>("--status")
        {
            Description = "Only sources in this state.",
            HelpName = "state",
        };
        status.AcceptOnlyFromAmong(
            StringComparer.OrdinalIgnoreCase,
            "SCHEDULED",
            "INITIAL_INDEXING",
            "ACTIVE",
            "PAUSED",
            "INVALID",
            "DELETING"
        );
        var limit = Limits.Option(1000);
        var command = new DocumentedCommand(
            "list",
            "List sources in order of id.",
            "tributary sources list",
            "tributary sources list --type web --status ACTIVE --json"
        )
        {
            type,
            name,
            status,
            limit,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var query = string.Join(
                    '&',
                    new[]
                    {
                        ("type", parsed.GetValue(type)),
                        ("name", parsed.GetValue(name)),
                        ("status", parsed.GetValue(status)?.ToUpperInvariant()),
                    }
                        .Where(filter => !string.IsNullOrEmpty(filter.Item2))
                        .Select(filter => $"{filter.Item1}={Uri.EscapeDataString(filter.Item2!)}")
                );
                var path = query.Length > 0 ? $"v1/sources?{query}" : "v1/sources";
                var sources = await session.Client.ListAsync(path, parsed.GetValue(limit), cancellationToken);
                SourceViews.WriteList(session, sources);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static DocumentedCommand Show(ClientOptions options)
    {
        var source = SourceArgument();
        var command = new DocumentedCommand(
            "show",
            "Show one source with its settings (secrets masked), its schedule and what goes on.",
            "tributary sources show 12",
            "tributary sources show Docs --json"
        )
        {
            source,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var id = await SourceLookup.FindSourceAsync(
                    session.Client,
                    parsed.GetRequiredValue(source),
                    cancellationToken
                );
                SourceViews.WriteOne(session, await session.Client.GetAsync($"v1/sources/{id}", cancellationToken));
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static DocumentedCommand Simple(ClientOptions options, string verb, string description, string outcome)
    {
        var source = SourceArgument();
        var command = new DocumentedCommand(verb, description, $"tributary sources {verb} Docs") { source };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var id = await SourceLookup.FindSourceAsync(
                    session.Client,
                    parsed.GetRequiredValue(source),
                    cancellationToken
                );
                var answer = await session.Client.PostAsync($"v1/sources/{id}/{verb}", null, cancellationToken);
                if (!session.PrintedJson(answer))
                {
                    session.Say($"Source {id} {outcome}.");
                }

                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static DocumentedCommand Failures(ClientOptions options)
    {
        var source = SourceArgument();
        var resolved = new Option<bool>("--resolved") { Description = "Also those that have succeeded since." };
        var retry = new Option<bool>("--retry") { Description = "Try the open ones again now." };
        var limit = Limits.Option(100);
        var command = new DocumentedCommand(
            "failures",
            "List the documents of a source that could not be read, newest first.",
            "tributary sources failures Docs",
            "tributary sources failures Docs --retry"
        )
        {
            source,
            resolved,
            retry,
            limit,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var id = await SourceLookup.FindSourceAsync(
                    session.Client,
                    parsed.GetRequiredValue(source),
                    cancellationToken
                );
                if (parsed.GetValue(retry))
                {
                    var answer = await session.Client.PostAsync(
                        $"v1/sources/{id}/errors/retry",
                        new JsonObject(),
                        cancellationToken
                    );
                    if (!session.PrintedJson(answer))
                    {
                        session.Say($"Source {id} tries its failed documents again.");
                    }

                    return ExitCode.Ok;
                }

                var path = $"v1/sources/{id}/errors" + (parsed.GetValue(resolved) ? "?include_resolved=true" : "");
                var failures = await session.Client.ListAsync(path, parsed.GetValue(limit), cancellationToken);
                SourceViews.WriteFailures(session, failures);
                return ExitCode.Ok;
            }
        );
        return command;
    }
}
