using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Converters;

/// <summary>
/// Runs converters as child processes: bounded in time, memory, file size and output, with an environment of their own,
/// and killed with all their children when the caller goes away.
/// </summary>
internal sealed class ProgramRunner(ExtractionOptions options, TimeProvider time)
{
    private const int MaxErrorCharacters = 4_000;

    // The unit of "ulimit -f".
    private const int BlockBytes = 512;

    public ExtractionOptions Options => options;

    public TimeProvider Time => time;

    public bool IsInstalled(Program program) => Find(program) is not null;

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">What to run.</param>
    /// <param name="arguments">Handed over as they are, no shell reads them.</param>
    /// <param name="folder">Its working, home and temporary folder.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <param name="readOutput">Reads what it prints; when it returns early, the program is stopped. Null throws the output away.</param>
    /// <exception cref="ContentException">It is not installed.</exception>
    public async Task<ProgramResult> RunAsync(
        Program program,
        IReadOnlyList<string> arguments,
        string folder,
        CancellationToken cancellationToken,
        Func<Stream, CancellationToken, Task>? readOutput = null
    )
    {
        var path = Find(program) ?? throw Missing(program);
        using var timeout = new CancellationTokenSource(options.Limits.MaxTime, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var process = new Process { StartInfo = Describe(path, arguments, folder) };
        process.Start();
        try
        {
            process.StandardInput.Close();
            var errors = ReadErrorsAsync(process.StandardError, linked.Token);
            await (readOutput ?? DrainAsync)(process.StandardOutput.BaseStream, linked.Token);
            var wasStopped = await process.StandardOutput.BaseStream.ReadAsync(new byte[1], linked.Token) > 0;
            if (wasStopped)
            {
                process.Kill(entireProcessTree: true);
            }

            await process.WaitForExitAsync(linked.Token);
            return new ProgramResult(wasStopped ? 0 : process.ExitCode, await errors, wasStopped);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ContentException(
                ContentProblem.TooSlow,
                $"{program.Command} took longer than {options.Limits.MaxTime.TotalSeconds:0} seconds."
            );
        }
        finally
        {
            await KillAsync(process);
        }
    }

    /// <summary>The error that names a program's package and the command that installs it.</summary>
    public static ContentException Missing(Program program) =>
        new(
            ContentProblem.ConverterMissing,
            $"'{program.Command}' is needed to {program.Purpose} and is not installed. "
                + $"Install it with: apt-get install {program.Package}"
        );

    private string? Find(Program program)
    {
        var folders =
            options.ProgramFolders ?? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var name = OperatingSystem.IsWindows() ? program.Command + ".exe" : program.Command;
        return folders
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }

    private ProcessStartInfo Describe(string path, IReadOnlyList<string> arguments, string folder)
    {
        var start = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        if (OperatingSystem.IsWindows())
        {
            start.FileName = path;
        }
        else
        {
            // The shell sets the limits and then becomes the program; the document's name is never part of its script.
            var limits = options.Limits;
            start.FileName = "/bin/sh";
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"ulimit -c 0; ulimit -v {limits.MaxConverterMemoryBytes / 1024}; ulimit -t {Math.Max(1, (int)limits.MaxTime.TotalSeconds)}; "
                        + $"ulimit -f {limits.MaxUnpackedBytes / BlockBytes}; exec \"$0\" \"$@\""
                )
            );
            start.ArgumentList.Add(path);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Nothing of this process's environment (which may hold secrets) reaches programs that read strangers' files.
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["HOME"] = folder;
        start.Environment["TMPDIR"] = folder;
        start.Environment["LANG"] = "C.UTF-8";
        // Recognition on all cores is slower than on one for single pages, and starves the neighbours.
        start.Environment["OMP_THREAD_LIMIT"] = "1";
        if (OperatingSystem.IsWindows())
        {
            start.Environment["SystemRoot"] = Environment.GetEnvironmentVariable("SystemRoot");
        }

        return start;
    }

    private static async Task<string> ReadErrorsAsync(StreamReader errors, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[1024];
        int read;
        while ((read = await errors.ReadAsync(buffer, cancellationToken)) > 0)
        {
            text.Append(buffer, 0, Math.Min(read, MaxErrorCharacters - text.Length));
        }

        return text.ToString().Trim();
    }

    private static Task DrainAsync(Stream output, CancellationToken cancellationToken) =>
        output.CopyToAsync(Stream.Null, cancellationToken);

    private static async Task KillAsync(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
        catch (InvalidOperationException)
        {
            // It ended by itself in between.
        }
    }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 when it was content.</param>
/// <param name="Errors">The beginning of what it complained about.</param>
/// <param name="WasStopped">It had more to say than was read.</param>
internal sealed record ProgramResult(int ExitCode, string Errors, bool WasStopped);
