using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Testing;

namespace Tributary.Extraction.Tests.Limits;

public class LimitsTests
{
    [Fact]
    public async Task Large_inputs_go_through_a_file_that_is_gone_afterwards()
    {
        using var folder = new TemporaryFolder();
        var extraction = new TributaryExtraction(new ExtractionOptions { TemporaryFolder = folder["made"] });
        var file = new FileContent
        {
            Name = "a.txt",
            OpenAsync = _ =>
                ValueTask.FromResult<Stream>(
                    new Unseekable(new MemoryStream(Enumerable.Repeat((byte)'x', 1_500_000).ToArray()))
                ),
        };

        var text = await extraction.Text.ExtractAsync(file, default);

        text.Sections[0].Text.Length.ShouldBe(1_500_000);
        Directory.EnumerateFileSystemEntries(folder["made"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_over_the_cap_is_refused_by_its_length_or_while_it_streams()
    {
        var limits = new ExtractionLimits { MaxFileBytes = 1000 };
        var extraction = new TributaryExtraction(new ExtractionOptions { Limits = limits });
        var streaming = new FileContent
        {
            Name = "a.txt",
            OpenAsync = _ => ValueTask.FromResult<Stream>(new Unseekable(new MemoryStream(new byte[1001]))),
        };

        (await Extraction.FailAsync("a.txt", new byte[1001], limits: limits)).Problem.ShouldBe(ContentProblem.TooLarge);
        (
            await Should.ThrowAsync<ContentException>(() => extraction.Text.ExtractAsync(streaming, default))
        ).Problem.ShouldBe(ContentProblem.TooLarge);
    }

    [Fact]
    public async Task The_stream_is_disposed_also_after_a_failure()
    {
        var stream = new Unseekable(new MemoryStream());

        await Should.ThrowAsync<ContentException>(() =>
            Extraction.Default.Text.ExtractAsync(
                new FileContent { Name = "a", OpenAsync = _ => ValueTask.FromResult<Stream>(stream) },
                default
            )
        );

        stream.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_failing_source_is_not_a_broken_file()
    {
        var file = new FileContent
        {
            Name = "a.txt",
            OpenAsync = _ => throw new IOException("the connection was lost"),
        };

        await Should.ThrowAsync<IOException>(() => Extraction.Default.Text.ExtractAsync(file, default));
    }

    [Fact]
    public async Task A_file_that_takes_too_long_is_given_up()
    {
        var time = new ManualTime();
        var extraction = new TributaryExtraction(time: time);
        var slow = new SlowStream(() => time.Advance(TimeSpan.FromSeconds(61)));
        var file = new FileContent { Name = "a.txt", OpenAsync = _ => ValueTask.FromResult<Stream>(slow) };

        var failure = await Should.ThrowAsync<ContentException>(() => extraction.Text.ExtractAsync(file, default));

        failure.Problem.ShouldBe(ContentProblem.TooSlow);
        failure.Message.ShouldContain("60 seconds");
    }

    private sealed class SlowStream(Action wait) : MemoryStream("some text"u8.ToArray())
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            wait();
            cancellationToken.ThrowIfCancellationRequested();
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }

    [Fact]
    public async Task Cancelling_cancels()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() =>
            Extraction.Default.Text.ExtractAsync(Extraction.File("a.txt", "x"u8.ToArray()), cancel.Token)
        );
    }

    private sealed class Unseekable(Stream inner) : Stream
    {
        public bool IsDisposed { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
