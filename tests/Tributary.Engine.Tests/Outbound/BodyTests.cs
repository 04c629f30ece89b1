using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Http;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

public sealed class BodyTests
{
    private static readonly byte[] _text = Encoding.UTF8.GetBytes(
        string.Join('\n', Enumerable.Range(0, 5_000).Select(i => $"line {i} of a text – ünïcode"))
    );

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("deflate")]
    [InlineData("bare-deflate")]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task Unpacks(string encoding)
    {
        await using var server = await Serving(Pack(_text, encoding), encoding.Replace("bare-", ""));
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        using var response = await client.Http.GetAsync(server.BaseUri);

        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(_text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        if (encoding != "identity")
        {
            response.Content.Headers.ContentEncoding.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Unpacks_one_after_another_and_leaves_what_it_does_not_know()
    {
        await using var server = await Serving(Pack(Pack(_text, "br"), "gzip"), "zstd, br, gzip");
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        using var response = await client.Http.GetAsync(server.BaseUri);

        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(_text);
        response.Content.Headers.ContentEncoding.ShouldBe(["zstd"]);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Cuts_off_what_is_too_long(bool isPacked, bool isAnnounced)
    {
        var content = Pack(_text, isPacked ? "gzip" : "identity");
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.ContentLength = isAnnounced ? content.Length : null;
            context.Response.Headers.ContentEncoding = isPacked ? "gzip" : "identity";
            await context.Response.StartAsync();
            await context.Response.Body.WriteAsync(content);
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        (await LengthAsync(client.Http, server.BaseUri, _text.Length)).ShouldBe(_text.Length);
        var failure = await Should.ThrowAsync<ContentException>(() =>
            LengthAsync(client.Http, server.BaseUri, _text.Length - 1)
        );

        failure.Problem.ShouldBe(ContentProblem.TooLarge);
    }

    [Fact]
    public async Task A_hundred_megabytes_are_the_most_when_nothing_is_said()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            var piece = new byte[1 << 20];
            for (var i = 0; i < 101 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await context.Response.Body.WriteAsync(piece);
            }
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        var failure = await Should.ThrowAsync<ContentException>(() => client.Http.GetAsync(server.BaseUri));

        failure.Problem.ShouldBe(ContentProblem.TooLarge);
        failure.Message.ShouldContain("100,000,000");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_bomb_is_not_unpacked(string encoding)
    {
        await using var server = await Serving(Pack(new byte[50 << 20], encoding), encoding);
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);
        using var response = await client.Http.GetAsync(server.BaseUri, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();

        long read = 0;
        var failure = await Should.ThrowAsync<ContentException>(async () =>
        {
            var buffer = new byte[1 << 16];
            for (int n; (n = await stream.ReadAsync(buffer)) > 0; )
            {
                read += n;
            }
        });

        failure.Problem.ShouldBe(ContentProblem.TooLarge);
        read.ShouldBeInRange(1 << 20, 8 << 20);
    }

    [Fact]
    public async Task A_megabyte_may_be_packed_as_well_as_can_be()
    {
        await using var server = await Serving(Pack(new byte[1 << 20], "gzip"), "gzip");
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        (await client.Http.GetByteArrayAsync(server.BaseUri)).Length.ShouldBe(1 << 20);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task What_is_not_packed_as_it_says_is_broken(string encoding)
    {
        await using var server = await Serving([0x78, 0xFF, .. "this is plain text"u8], encoding);
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        var failure = await Should.ThrowAsync<ContentException>(() => client.Http.GetAsync(server.BaseUri));

        failure.Problem.ShouldBe(ContentProblem.Broken);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task What_ends_in_the_middle_of_its_packing_is_broken(string encoding)
    {
        await using var server = await Serving(Pack(_text, encoding)[..500], encoding);
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        var failure = await Should.ThrowAsync<ContentException>(() => client.Http.GetAsync(server.BaseUri));

        failure.Problem.ShouldBe(ContentProblem.Broken);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n")]
    public async Task A_cut_off_answer_is_a_transient_failure(string answer)
    {
        await using var server = new RawServer(
            async (_, stream, _) =>
            {
                await RawServer.WriteAsync(stream, answer);
                await stream.DisposeAsync();
            }
        );
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        var failure = await Should.ThrowAsync<SourceException>(() => client.Http.GetAsync(server.BaseUri));

        failure.Kind.ShouldBe(FailureKind.Transient);
        failure.Message.ShouldContain("127.0.0.1");
    }

    [Fact]
    public async Task A_sender_that_falls_silent_is_given_up()
    {
        var time = new ManualTime();
        await using var server = new RawServer(
            async (_, stream, token) =>
            {
                await RawServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
                await Task.Delay(Timeout.Infinite, token);
            }
        );
        await using var outbound = new OutboundFixture(time: time);
        using var client = outbound.Client(limits: []);
        using var response = await client.Http.GetAsync(server.BaseUri, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        (await stream.ReadAsync(new byte[10])).ShouldBe(1);

        var reading = stream.ReadAsync(new byte[10]).AsTask();
        time.Advance(TimeSpan.FromSeconds(59));
        reading.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));

        var failure = await Should.ThrowAsync<SourceException>(() => reading);
        failure.Kind.ShouldBe(FailureKind.Transient);
        failure.Message.ShouldContain("127.0.0.1");
    }

    [Fact]
    public async Task Canceling_ends_a_read_and_is_no_failure_of_the_source()
    {
        await using var server = new RawServer(
            async (_, stream, token) =>
            {
                await RawServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
                await Task.Delay(Timeout.Infinite, token);
            }
        );
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);
        using var canceling = new CancellationTokenSource();
        using var response = await client.Http.GetAsync(server.BaseUri, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[1], canceling.Token);

        var reading = stream.ReadAsync(new byte[10], canceling.Token).AsTask();
        await canceling.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task Bodies_are_streamed_as_they_come()
    {
        var goOn = new TaskCompletionSource();
        await using var server = new RawServer(
            async (_, stream, token) =>
            {
                await RawServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
                await goOn.Task.WaitAsync(token);
                await RawServer.WriteAsync(stream, "again");
            }
        );
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);
        using var response = await client.Http.GetAsync(server.BaseUri, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[5];

        await stream.ReadExactlyAsync(buffer);
        buffer.ShouldBe("first"u8.ToArray());
        goOn.SetResult();
        await stream.ReadExactlyAsync(buffer);
        buffer.ShouldBe("again"u8.ToArray());
    }

    [Fact]
    public async Task A_part_is_asked_for_unpacked()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
            context.Response.WriteAsync($"[{context.Request.Headers.AcceptEncoding}]")
        );
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);
        using var request = new HttpRequestMessage(HttpMethod.Get, server.BaseUri);
        request.Headers.Range = new(0, 10);

        (await (await client.Http.SendAsync(request)).Content.ReadAsStringAsync()).ShouldBe("[]");
        (await client.Http.GetStringAsync(server.BaseUri)).ShouldBe("[gzip, deflate, br]");
    }

    [Fact]
    public async Task Headers_are_bounded()
    {
        await using var server = new RawServer(
            (_, stream, _) => RawServer.WriteAsync(stream, $"HTTP/1.1 200 OK\r\nX: {new string('x', 100_000)}\r\n\r\n")
        );
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        var failure = await Should.ThrowAsync<SourceException>(() => client.Http.GetAsync(server.BaseUri));

        failure.Message.ShouldContain("headers");
        server.Requests.Count.ShouldBe(1);
    }

    private static async Task<long> LengthAsync(HttpClient http, Uri address, long most)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Options.Set(OutboundOptions.MaxBodyBytes, most);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await using var stream = await response.Content.ReadAsStreamAsync();
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.Length;
    }

    private static Task<LoopbackServer> Serving(byte[] content, string encoding) =>
        LoopbackServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = content.Length;
            context.Response.Headers.ContentEncoding = encoding;
            await context.Response.Body.WriteAsync(content);
        });

    private static byte[] Pack(byte[] content, string encoding)
    {
        using var packed = new MemoryStream();
        using (
            Stream packer = encoding.ToLowerInvariant() switch
            {
                "gzip" => new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true),
                "deflate" => new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true),
                "bare-deflate" => new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true),
                "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
                _ => new BufferedStream(packed),
            }
        )
        {
            packer.Write(content);
            packer.Flush();
            if (packer is BufferedStream)
            {
                return packed.ToArray();
            }
        }

        return packed.ToArray();
    }
}
