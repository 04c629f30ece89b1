using System.Collections.Concurrent;
using System.Net;
using Tributary.Sdk;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>Every address that must not be reached, by every way on which one comes in.</summary>
public sealed class AddressGuardTests
{
    /// <summary>Addresses with {port} for that of a server that listens on 127.0.0.1, and what a name in them resolves to.</summary>
    public static TheoryData<string, string> Forbidden =>
        new()
        {
            { "http://127.0.0.1:{port}/", "" },
            { "http://127.1:{port}/", "" },
            { "http://0:{port}/", "" },
            { "http://0.0.0.0:{port}/", "" },
            { "http://2130706433:{port}/", "" },
            { "http://017700000001:{port}/", "" },
            { "http://0x7f.1:{port}/", "" },
            { "http://0x7f000001:{port}/", "" },
            { "http://[::]:{port}/", "" },
            { "http://[::1]:{port}/", "" },
            { "http://[::ffff:127.0.0.1]:{port}/", "" },
            { "http://[::ffff:7f00:1]:{port}/", "" },
            { "http://[::ffff:169.254.169.254]/", "" },
            { "http://[64:ff9b::a9fe:a9fe]/", "" },
            { "http://[2002:a9fe:a9fe::1]/", "" },
            { "http://[::7f00:1]:{port}/", "" },
            { "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", "" },
            { "http://[fc00::1]/", "" },
            { "http://[fd00:ec2::254]/latest/meta-data/", "" },
            { "http://[fe80::1%25eth0]/", "" },
            { "http://[fe80::1]/", "" },
            { "http://100.64.0.1/", "" },
            { "http://192.0.0.192/", "" },
            { "http://198.18.0.1/", "" },
            { "http://100.100.100.200/latest/meta-data/", "" },
            { "http://169.254.169.254/latest/meta-data/", "" },
            { "http://metadata.google.internal/computeMetadata/v1/", "169.254.169.254" },
            { "http://metadata.azure.com/", "169.254.169.254" },
            { "http://kubernetes.default.svc/", "10.96.0.1" },
            { "http://localhost:{port}/", "127.0.0.1" },
            { "http://localhost.:{port}/", "127.0.0.1" },
            { "http://LOCALHOST:{port}/", "::1" },
            { "http://host.docker.internal/", "172.17.0.1" },
            { "http://127.0.0.1.nip.io:{port}/", "127.0.0.1" },
            { "http://１２７.０.０.１:{port}/", "127.0.0.1" },
            { "http://127。0。0。1:{port}/", "127.0.0.1" },
            { "http://ⓛocalhost:{port}/", "127.0.0.1" },
            { "http://user@127.0.0.1:{port}/", "" },
            { "http://user:secret@public.example:{port}/", "93.184.216.34" },
            { "http://public.example#@127.0.0.1:{port}/", "127.0.0.1" },
            { "http:\\\\127.0.0.1:{port}/", "" },
            { "http://two.example:{port}/", "93.184.216.34,127.0.0.1" },
            { "http://mapped.example:{port}/", "::ffff:127.0.0.1" },
            { "http://public.example:22/", "93.184.216.34" },
            { "http://public.example:25/", "93.184.216.34" },
            { "file:///etc/passwd", "" },
            { "gopher://127.0.0.1:{port}/_GET", "" },
            { "ftp://127.0.0.1:{port}/", "" },
            { "data:text/plain,hello", "" },
            { "jar:http://127.0.0.1:{port}/a.jar!/", "" },
            { "dict://127.0.0.1:{port}/", "" },
        };

    [Theory]
    [MemberData(nameof(Forbidden))]
    public async Task Is_refused_when_asked_for(string address, string resolved)
    {
        await using var inside = Inside();
        await using var outbound = new OutboundFixture("", resolver: Resolver(resolved));
        using var client = outbound.Client(limits: []);

        var refusal = await Should.ThrowAsync<SourceException>(() =>
            client.Http.GetAsync(new Uri(Fill(address, inside)))
        );

        refusal.Kind.ShouldBe(FailureKind.Configuration);
        inside.Connections.ShouldBe(0);
        foreach (var secret in resolved.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (new Uri(Fill(address, inside)).IdnHost != secret && !address.Contains(secret, StringComparison.Ordinal))
            {
                refusal.Message.ShouldNotContain(secret);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Forbidden))]
    public async Task Is_refused_when_streamed(string address, string resolved)
    {
        await using var inside = Inside();
        await using var outbound = new OutboundFixture("", resolver: Resolver(resolved));
        using var client = outbound.Client(limits: []);

        await Should.ThrowAsync<SourceException>(() => client.Http.GetStreamAsync(new Uri(Fill(address, inside))));

        inside.Connections.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Forbidden))]
    public async Task Is_refused_when_redirected_to(string address, string resolved)
    {
        await using var inside = Inside();
        var location = Fill(address, inside);
        await using var outside = new RawServer(
            (_, stream, _) =>
                RawServer.WriteAsync(
                    stream,
                    $"HTTP/1.1 307 Moved\r\nLocation: {Ascii(location)}\r\nContent-Length: 0\r\n\r\n"
                ),
            "127.0.0.77"
        );
        await using var outbound = new OutboundFixture("127.0.0.77/32", resolver: Resolver(resolved));
        using var client = outbound.Client(limits: []);

        await Should.ThrowAsync<SourceException>(() => client.Http.GetAsync(outside.BaseUri));
        await Should.ThrowAsync<SourceException>(() =>
            client.Http.PostAsync(outside.BaseUri, new StringContent("secret"))
        );

        inside.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_that_changes_its_answer_is_checked_at_each_connection()
    {
        await using var inside = Inside();
        var answers = new Queue<string>(["127.0.0.77", "127.0.0.1"]);
        await using var outside = new RawServer(
            (_, stream, _) =>
                RawServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            "127.0.0.77",
            inside.Port
        );
        await using var outbound = new OutboundFixture(
            "127.0.0.77/32",
            resolver: (_, _) => Task.FromResult(new[] { IPAddress.Parse(answers.Dequeue()) })
        );
        using var client = outbound.Client(limits: []);
        var address = new Uri($"http://rebinding.example:{inside.Port}/");

        (await client.Http.GetAsync(address)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Should.ThrowAsync<SourceException>(() => client.Http.GetAsync(address));

        inside.Connections.ShouldBe(0);
        outside.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task A_name_is_looked_up_once_for_a_connection_and_the_checked_address_is_dialed()
    {
        var lookups = new ConcurrentQueue<string>();
        await using var server = Inside();
        await using var outbound = new OutboundFixture(
            resolver: (host, _) =>
            {
                lookups.Enqueue(host);
                return Task.FromResult(new[] { IPAddress.Loopback });
            }
        );
        using var client = outbound.Client(limits: []);

        await client.Http.GetAsync(new Uri($"http://intranet.example:{server.Port}/a"));
        await client.Http.GetAsync(new Uri($"http://intranet.example:{server.Port}/b"));

        lookups.ShouldBe(["intranet.example"]);
        server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_next_address_is_tried_when_one_does_not_answer()
    {
        await using var server = Inside();
        await using var outbound = new OutboundFixture(resolver: OutboundFixture.Resolving("127.0.0.99", "127.0.0.1"));
        using var client = outbound.Client(limits: []);

        (await client.Http.GetAsync(new Uri($"http://two.example:{server.Port}/"))).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task The_refusal_says_what_the_operator_can_do()
    {
        await using var outbound = new OutboundFixture("");
        using var client = outbound.Client(limits: []);

        var refusal = await Should.ThrowAsync<SourceException>(() =>
            client.Http.GetAsync(new Uri("http://10.0.0.1/path?token=hidden"))
        );

        refusal.Message.ShouldContain("private or reserved range");
        refusal.Message.ShouldContain("TRIBUTARY_ALLOWED_NETWORKS");
        refusal.Message.ShouldNotContain("hidden");
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_a_mistake_of_the_configuration()
    {
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        var failure = await Should.ThrowAsync<SourceException>(() =>
            client.Http.GetAsync(new Uri("http://no-such-host.example/"))
        );

        failure.Kind.ShouldBe(FailureKind.Configuration);
        failure.Message.ShouldContain("no-such-host.example");
    }

    [Fact]
    public async Task Line_breaks_in_an_address_never_reach_the_wire()
    {
        await using var server = Inside();
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        await Should.ThrowAsync<SourceException>(() =>
            client.Http.GetAsync(new Uri(server.BaseUri + "a\r\nInjected: yes\r\n"))
        );

        server.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task A_redirect_to_what_is_no_address_is_handed_back()
    {
        await using var inside = Inside();
        await using var outside = new RawServer(
            (_, stream, _) =>
                RawServer.WriteAsync(
                    stream,
                    $"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inside.Port}\\@public.example/\r\nContent-Length: 0\r\n\r\n"
                ),
            "127.0.0.77"
        );
        await using var outbound = new OutboundFixture("127.0.0.77/32");
        using var client = outbound.Client(limits: []);

        using var response = await client.Http.GetAsync(outside.BaseUri);

        response.StatusCode.ShouldBe(HttpStatusCode.Found);
        inside.Connections.ShouldBe(0);
    }

    // Headers are ASCII: a name in other letters travels in its encoded form.
    private static string Ascii(string location)
    {
        if (location.All(char.IsAscii))
        {
            return location;
        }

        var uri = new Uri(location);
        return $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}/";
    }

    private static RawServer Inside() =>
        new((_, stream, _) => RawServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));

    private static string Fill(string address, RawServer inside) =>
        address.Replace("{port}", $"{inside.Port}", StringComparison.Ordinal);

    private static Engine.Outbound.Guard.NameResolver Resolver(string addresses) =>
        OutboundFixture.Resolving([.. addresses.Split(',', StringSplitOptions.RemoveEmptyEntries)]);
}
