using Tributary.Extraction.Converters;
using Tributary.Sdk.Content;
using Tributary.Testing;

namespace Tributary.Extraction.Tests.Limits;

/// <summary>Child processes that misbehave, played by shell scripts in the place of converters.</summary>
public class ProgramTests
{
    private static ProgramRunner Runner(
        TemporaryFolder folder,
        string script,
        ExtractionLimits? limits = null,
        TimeProvider? time = null
    )
    {
        File.WriteAllText(folder["pdftotext"], "#!/bin/sh\n" + script);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                folder["pdftotext"],
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }

        return new ProgramRunner(
            new ExtractionOptions { ProgramFolders = [folder.Path], Limits = limits ?? new ExtractionLimits() },
            time ?? TimeProvider.System
        );
    }

    [Fact]
    public async Task Cancelling_kills_the_whole_tree()
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var runner = Runner(folder, "sleep 300 & echo $!; wait\n");
        var child = 0;

        var run = runner.RunAsync(
            Program.PdfToText,
            [],
            folder.Path,
            cancel.Token,
            async (output, token) =>
            {
                using var reader = new StreamReader(output, leaveOpen: true);
                child = int.Parse((await reader.ReadLineAsync(token))!, null);
                await cancel.CancelAsync();
                await reader.ReadLineAsync(token);
            }
        );

        await Should.ThrowAsync<OperationCanceledException>(run);
        await WaitUntilGoneAsync(child);
    }

    [Fact]
    public async Task A_program_that_takes_too_long_is_killed()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        var runner = Runner(folder, "echo started; sleep 300\n", time: time);

        var run = runner.RunAsync(
            Program.PdfToText,
            [],
            folder.Path,
            default,
            async (output, token) =>
            {
                await output.ReadExactlyAsync(new byte[7], token);
                time.Advance(TimeSpan.FromSeconds(61));
                await output.ReadExactlyAsync(new byte[1], token);
            }
        );

        (await Should.ThrowAsync<ContentException>(run)).Problem.ShouldBe(ContentProblem.TooSlow);
    }

    [Fact]
    public async Task A_program_with_too_much_to_say_is_stopped()
    {
        using var folder = new TemporaryFolder();
        var runner = Runner(folder, "while :; do echo more; done\n");

        var result = await runner.RunAsync(
            Program.PdfToText,
            [],
            folder.Path,
            default,
            async (output, token) => await output.ReadExactlyAsync(new byte[1000], token)
        );

        result.WasStopped.ShouldBeTrue();
    }

    [Fact]
    public async Task Memory_and_written_files_are_bounded_and_secrets_stay_here()
    {
        using var folder = new TemporaryFolder();
        Environment.SetEnvironmentVariable("TRIBUTARY_TEST_SECRET", "secret");
        var limits = new ExtractionLimits
        {
            MaxConverterMemoryBytes = 512 * 1024 * 1024,
            MaxUnpackedBytes = 1024 * 1024,
        };
        var runner = Runner(
            folder,
            "echo memory $(ulimit -v) secret=$TRIBUTARY_TEST_SECRET home=$HOME; head -c 2000000 /dev/zero > big; ls -l big; echo \"$1\" >&2; exit 3\n",
            limits
        );
        var text = "";

        var result = await runner.RunAsync(
            Program.PdfToText,
            ["$(touch hacked); `touch hacked`"],
            folder.Path,
            default,
            async (output, token) =>
            {
                using var reader = new StreamReader(output, leaveOpen: true);
                text = await reader.ReadToEndAsync(token);
            }
        );

        text.ShouldContain("memory 524288 secret= home=" + folder.Path);
        new FileInfo(folder["big"]).Length.ShouldBeLessThanOrEqualTo(1024 * 1024);
        result.ExitCode.ShouldBe(3);
        result.Errors.ShouldContain("$(touch hacked); `touch hacked`");
        File.Exists(folder["hacked"]).ShouldBeFalse();
    }

    // A killed process is gone when its parent has collected it, which is the system's business and takes a moment.
    private static async Task WaitUntilGoneAsync(int id)
    {
        for (var i = 0; i < 200; i++)
        {
            var state = File.Exists($"/proc/{id}/stat") ? await File.ReadAllTextAsync($"/proc/{id}/stat") : null;
            if (state is null || state.Contains(") Z "))
            {
                return;
            }

            await Task.Delay(25);
        }

        Assert.Fail($"The child process {id} is still alive five seconds after it was cancelled.");
    }
}
