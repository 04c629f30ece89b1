using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary sources create</c>.</summary>
internal static class SourcesCreateCommand
{
    /// <summary>Makes it.</summary>
    public static Command Create(ClientOptions options)
    {
        var type = new Option<string>("--type")
        {
            Description = "The integration's slug; see 'tributary integrations list'.",
            HelpName = "slug",
            Required = true,
        };
        var name = new Option<string>("--name")
        {
            Description = "What to call it.",
            HelpName = "text",
            Required = true,
        };
        var config = new Option<string?>("--config")
        {
            Description = "The config: a JSON object, @file, or - for standard input.",
            HelpName = "json",
        };
        var set = new Option<string[]>("--set")
        {
            Description =
                "One config member, over --config; may be given several times. Lists and objects are written as JSON.",
            HelpName = "key=value",
        };
        var credentials = new Option<string?>("--credentials")
        {
            Description =
                "The credentials: @file, or - for standard input, so that others do not see them; a JSON object works too.",
            HelpName = "json",
        };
        var refresh = Frequency("--refresh", "Look for changes this often. Without it the source is read once.");
        var prune = Frequency("--prune", "Remove what is gone at the source this often. Without it never by itself.");
        var wait = new Option<bool>("--wait") { Description = "Wait until the first run has ended." };
        var command = new DocumentedCommand(
            "create",
            "Make a source. Settings and credentials are checked against the source first; nothing is stored when they are wrong.",
            "tributary sources create --type web --name Docs --set base_url=https://docs.example.com --refresh 24h --wait",
            "tributary sources create --type github --name Code --config @github.json --credentials @github-credentials.json --refresh 30m --prune 7d",
            "pass show github | tributary sources create --type github --name Code --config @github.json --credentials -"
        )
        {
            type,
            name,
            config,
            set,
            credentials,
            refresh,
            prune,
            wait,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                if (parsed.GetValue(config) == "-" && parsed.GetValue(credentials) == "-")
                {
                    throw new UsageException(
                        "Only one of --config and --credentials can come from standard input; give the other as @file."
                    );
                }

                var members = await JsonArgument.ReadAsync(
                    "--config",
                    parsed.GetValue(config),
                    session.Terminal,
                    cancellationToken
                );
                foreach (var pair in parsed.GetValue(set) ?? [])
                {
                    JsonArgument.Set(members, pair);
                }

                var body = new JsonObject
                {
                    ["name"] = parsed.GetRequiredValue(name),
                    ["type"] = parsed.GetRequiredValue(type),
                    ["config"] = members,
                    ["credential"] = new JsonObject
                    {
                        ["credentials"] = await JsonArgument.ReadAsync(
                            "--credentials",
                            parsed.GetValue(credentials),
                            session.Terminal,
                            cancellationToken
                        ),
                    },
                    ["refresh_freq"] = Seconds(parsed.GetValue(refresh)),
                    ["prune_freq"] = Seconds(parsed.GetValue(prune)),
                };
                var answer = await session.Client.PostAsync("v1/sources/create", body, cancellationToken);
                return await ReportAsync(session, answer, parsed.GetValue(wait), cancellationToken);
            }
        );
        return command;
    }

    private static async Task<int> ReportAsync(
        ClientSession session,
        JsonElement answer,
        bool wait,
        CancellationToken cancellationToken
    )
    {
        var id = answer.Whole("connector_id");
        session.Say($"Source {id}: {answer.Text("message").TrimEnd('.')}.");
        if (!wait)
        {
            session.PrintedJson(answer);
            return ExitCode.Ok;
        }

        var run = await new RunWatch(session.Client, session.Terminal).WaitForSourceAsync(id, cancellationToken);
        if (session.Json)
        {
            session.PrintedJson(await session.Client.GetAsync($"v1/sources/{id}", cancellationToken));
        }

        if (!run.Exists)
        {
            session.Say("Nothing runs for this source: its documents are pushed to it.");
            return ExitCode.Ok;
        }

        return SourceRunCommands.Report(session, id, run);
    }

    private static Option<string?> Frequency(string name, string description)
    {
        var option = new Option<string?>(name)
        {
            Description = $"{description} In {Durations.Form}.",
            HelpName = "time",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !Durations.TryParse(text, out _))
            {
                result.AddError($"{name}: \"{text}\" is no length of time; write {Durations.Form}.");
            }
        });
        return option;
    }

    private static JsonValue? Seconds(string? text) =>
        text is not null && Durations.TryParse(text, out var seconds) ? JsonValue.Create(seconds) : null;
}
