using System.CommandLine;
using System.Text.Json.Nodes;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary sources run</c>, <c>prune</c> and <c>delete</c>: what starts a run, and can wait for it.</summary>
internal static class SourceRunCommands
{
    /// <summary><c>sources run</c>.</summary>
    public static Command Run(ClientOptions options)
    {
        var source = SourcesCommands.SourceArgument();
        var fromBeginning = new Option<bool>("--from-beginning")
        {
            Description = "Read everything again instead of what changed.",
        };
        var wait = Wait();
        var command = new DocumentedCommand(
            "run",
            "Read a source now.",
            "tributary sources run Docs --wait",
            "tributary sources run 12 --from-beginning"
        )
        {
            source,
            fromBeginning,
            wait,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var id = await FindAsync(session, parsed.GetRequiredValue(source), cancellationToken);
                var body = parsed.GetValue(fromBeginning) ? new JsonObject { ["from_beginning"] = true } : null;
                var answer = await session.Client.PostAsync($"v1/sources/{id}/run", body, cancellationToken);
                return await FollowAsync(
                    session,
                    id,
                    RunView.Of(answer),
                    parsed.GetValue(wait),
                    null,
                    cancellationToken
                );
            }
        );
        return command;
    }

    /// <summary><c>sources prune</c>.</summary>
    public static Command Prune(ClientOptions options)
    {
        var source = SourcesCommands.SourceArgument();
        var wait = Wait();
        var confirm = new Option<bool>("--confirm")
        {
            Description =
                "Let a prune that waits for confirmation delete what it found missing; with --wait also the one that this starts.",
        };
        var command = new DocumentedCommand(
            "prune",
            "Remove documents that are gone at the source. One that would remove much waits for confirmation.",
            "tributary sources prune Docs --wait",
            "tributary sources prune Docs --confirm"
        )
        {
            source,
            wait,
            confirm,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var id = await FindAsync(session, parsed.GetRequiredValue(source), cancellationToken);
                var isConfirmed = parsed.GetValue(confirm);
                Func<CancellationToken, Task>? confirmation = isConfirmed
                    ? token => session.Client.PostAsync($"v1/sources/{id}/prune/confirm", null, token)
                    : null;
                var verb = isConfirmed && await WaitsAsync(session, id, cancellationToken) ? "prune/confirm" : "prune";
                var answer = await session.Client.PostAsync($"v1/sources/{id}/{verb}", null, cancellationToken);
                var run = RunView.Of(answer);
                return await FollowAsync(session, id, run, parsed.GetValue(wait), confirmation, cancellationToken);
            }
        );
        return command;
    }

    /// <summary><c>sources delete</c>.</summary>
    public static Command Delete(ClientOptions options)
    {
        var source = SourcesCommands.SourceArgument();
        var wait = new Option<bool>("--wait") { Description = "Wait until it is gone." };
        var command = new DocumentedCommand(
            "delete",
            "Delete a source with its documents. Documents that another source also holds stay.",
            "tributary sources delete Docs --wait"
        )
        {
            source,
            wait,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var id = await FindAsync(session, parsed.GetRequiredValue(source), cancellationToken);
                var answer = await session.Client.DeleteAsync($"v1/sources/{id}", cancellationToken);
                session.PrintedJson(answer);
                if (!parsed.GetValue(wait))
                {
                    session.Say($"Source {id} is being deleted.");
                    return ExitCode.Ok;
                }

                var watch = new RunWatch(session.Client, session.Terminal);
                var last = await watch.WaitForDeletionAsync(id, RunView.Of(answer), cancellationToken);
                if (last.Exists && last.HasEnded && !last.IsGood)
                {
                    throw new CommandException(last.Ending);
                }

                session.Say($"Source {id} is deleted.");
                return ExitCode.Ok;
            }
        );
        return command;
    }

    /// <summary>Says how a run ended.</summary>
    /// <returns>The exit code.</returns>
    public static int Report(ClientSession session, long sourceId, RunView run)
    {
        if (run.NeedsConfirmation)
        {
            throw new CommandException(
                $"{run.Ending} To let it delete, run 'tributary sources prune {sourceId} --confirm'."
            );
        }

        if (!run.IsGood)
        {
            throw new CommandException(run.Ending);
        }

        session.Say(run.Ending);
        if (run.Status == "succeeded_with_failures")
        {
            session.Say($"'tributary sources failures {sourceId}' lists the failed ones.");
        }

        return ExitCode.Ok;
    }

    private static async Task<int> FollowAsync(
        ClientSession session,
        long sourceId,
        RunView run,
        bool wait,
        Func<CancellationToken, Task>? confirm,
        CancellationToken cancellationToken
    )
    {
        if (!wait)
        {
            if (!session.PrintedJson(run.Json))
            {
                session.Say(
                    $"Run {run.Id} of source {sourceId}: {run.Json.Text("kind")} {run.Status}. 'tributary sources show {sourceId}' tells how it goes."
                );
            }

            return ExitCode.Ok;
        }

        var watch = new RunWatch(session.Client, session.Terminal);
        run = await watch.WaitAsync(run, confirm, cancellationToken);
        session.PrintedJson(run.Json);
        return Report(session, sourceId, run);
    }

    private static async Task<bool> WaitsAsync(ClientSession session, long id, CancellationToken cancellationToken)
    {
        var source = await session.Client.GetAsync($"v1/sources/{id}", cancellationToken);
        return new RunView(source.Member("current_run")).NeedsConfirmation;
    }

    private static Task<long> FindAsync(ClientSession session, string idOrName, CancellationToken cancellationToken) =>
        SourceLookup.FindSourceAsync(session.Client, idOrName, cancellationToken);

    private static Option<bool> Wait() => new("--wait") { Description = "Wait until the run has ended." };
}
