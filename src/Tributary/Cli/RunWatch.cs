using Spectre.Console;

namespace Tributary.Cli;

/// <summary>Waits for runs and shows how they go, on standard error: a moving bar for people, lines for logs.</summary>
internal sealed class RunWatch(ServerClient client, Terminal terminal)
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    // Runs are queued together with what they are for; a server that is this slow has another problem.
    private const int TriesToFindRun = 20;

    /// <summary>Waits for a source's current run, or takes its last one; one that does not exist when nothing ever runs.</summary>
    public async Task<RunView> WaitForSourceAsync(long sourceId, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var run = RunView.Of(await client.GetAsync($"v1/sources/{sourceId}", cancellationToken));
            if (run.Exists)
            {
                return await WaitAsync(run, null, cancellationToken);
            }

            if (attempt == TriesToFindRun)
            {
                return run;
            }

            await Task.Delay(terminal.PollInterval, terminal.Time, cancellationToken);
        }
    }

    /// <summary>Waits until a run has ended or needs confirmation.</summary>
    /// <param name="run">The run.</param>
    /// <param name="confirm">Confirms it when it needs that, and waits on; null leaves it.</param>
    /// <param name="cancellationToken">Ends the waiting, not the run.</param>
    public Task<RunView> WaitAsync(
        RunView run,
        Func<CancellationToken, Task>? confirm,
        CancellationToken cancellationToken
    ) =>
        WatchAsync(
            run,
            async current =>
            {
                if (current.NeedsConfirmation && confirm is not null)
                {
                    await confirm(cancellationToken);
                    confirm = null;
                }

                return new RunView(await client.GetAsync($"v1/runs/{current.Id}", cancellationToken));
            },
            current => current.HasEnded || (current.NeedsConfirmation && confirm is null),
            cancellationToken
        );

    /// <summary>Waits until a source that is being deleted is gone.</summary>
    /// <returns>The last run that was seen; one that has ended badly when the deletion failed.</returns>
    public Task<RunView> WaitForDeletionAsync(long sourceId, RunView run, CancellationToken cancellationToken)
    {
        var isGone = false;
        return WatchAsync(
            run,
            async current =>
            {
                try
                {
                    return RunView.Of(await client.GetAsync($"v1/sources/{sourceId}", cancellationToken));
                }
                catch (ApiException exception) when (exception.Status == 404)
                {
                    isGone = true;
                    return current;
                }
            },
            current => isGone || (current.Exists && current.HasEnded && !current.IsGood),
            cancellationToken
        );
    }

    private async Task<RunView> WatchAsync(
        RunView run,
        Func<RunView, Task<RunView>> next,
        Func<RunView, bool> isDone,
        CancellationToken cancellationToken
    )
    {
        if (!terminal.IsErrorTerminal)
        {
            return await LoopAsync(run, next, isDone, new Lines(terminal).Show, cancellationToken);
        }

        return await terminal
            .ErrorConsole()
            .Progress()
            .Columns(
                new SpinnerColumn(),
                new ProgressBarColumn { Width = 20 },
                new ElapsedTimeColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left }
            )
            .StartAsync(async progress =>
            {
                var task = progress.AddTask(Markup.Escape(run.Line));
                // Nobody knows how much a source holds before it was read.
                task.IsIndeterminate = true;
                var last = await LoopAsync(
                    run,
                    next,
                    isDone,
                    current => task.Description = Markup.Escape(current.Line),
                    cancellationToken
                );
                task.IsIndeterminate = false;
                task.Value = task.MaxValue;
                return last;
            });
    }

    private async Task<RunView> LoopAsync(
        RunView run,
        Func<RunView, Task<RunView>> next,
        Func<RunView, bool> isDone,
        Action<RunView> show,
        CancellationToken cancellationToken
    )
    {
        while (!isDone(run))
        {
            show(run);
            await Task.Delay(terminal.PollInterval, terminal.Time, cancellationToken);
            run = await next(run);
        }

        return run;
    }

    /// <summary>A line when the phase changes, and now and then while counts do.</summary>
    private sealed class Lines(Terminal terminal)
    {
        private string _activity = "";
        private string _line = "";
        private long _shownAt;

        public void Show(RunView run)
        {
            var isDue = terminal.Time.GetElapsedTime(_shownAt) >= LineInterval && run.Line != _line;
            if (run.Activity == _activity && !isDue)
            {
                return;
            }

            (_activity, _line, _shownAt) = (run.Activity, run.Line, terminal.Time.GetTimestamp());
            terminal.Error.WriteLine(_line);
        }
    }
}
