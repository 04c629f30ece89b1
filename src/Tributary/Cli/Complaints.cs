using Tributary.Hosting;
using Tributary.Settings;

namespace Tributary.Cli;

/// <summary>Turns what went wrong into lines for people and an exit code for scripts.</summary>
internal static class Complaints
{
    /// <summary>Runs a command; whatever it throws is told without a stack trace.</summary>
    public static async Task<int> CatchAsync(
        Terminal terminal,
        Func<Task<int>> command,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await command();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (UsageException exception)
        {
            return Tell(terminal, ExitCode.Usage, exception.Message);
        }
        catch (SettingsException exception)
        {
            return Tell(terminal, ExitCode.Usage, [.. exception.Problems]);
        }
        catch (StartException exception)
        {
            return Tell(terminal, ExitCode.Failed, exception.Message);
        }
        catch (ServerUnreachableException exception)
        {
            return Tell(terminal, ExitCode.Unreachable, exception.Message);
        }
        catch (ApiException exception)
        {
            return Tell(
                terminal,
                exception.Status is 401 or 403 ? ExitCode.NotAuthorised : ExitCode.Failed,
                [.. exception.Problems]
            );
        }
        catch (CommandException exception)
        {
            return Tell(terminal, ExitCode.Failed, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Tell(terminal, ExitCode.Failed, exception.Message);
        }
    }

    private static int Tell(Terminal terminal, int exitCode, params string[] lines)
    {
        foreach (var line in lines)
        {
            terminal.Error.WriteLine($"tributary: {PlainText.OneLine(line)}");
        }

        return exitCode;
    }
}

/// <summary>The command line is wrong in a way that only the command itself sees.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The command could not be carried out.</summary>
internal sealed class CommandException(string message) : Exception(message);
