using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tributary.Sdk;

namespace Tributary.Engine.Tests.Outbound;

public sealed class SecureConnectionTests
{
    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_refused_at_once()
    {
        using var certificate = SelfSigned();
        await using var server = new TlsServer(certificate);
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        var failure = await Should.ThrowAsync<SourceException>(() =>
            client.Http.GetAsync(new Uri($"https://127.0.0.1:{server.Port}/?token=hidden"))
        );

        failure.Kind.ShouldBe(FailureKind.Configuration);
        failure.Message.ShouldContain("certificate");
        failure.Message.ShouldNotContain("hidden");
        server.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task What_does_not_speak_HTTP_is_a_failure_in_words()
    {
        await using var server = new RawServer((_, stream, _) => RawServer.WriteAsync(stream, "SSH-2.0-OpenSSH\r\n"));
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        var failure = await Should.ThrowAsync<SourceException>(() => client.Http.PostAsync(server.BaseUri, null));

        failure.Message.ShouldContain("127.0.0.1");
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class TlsServer : IAsyncDisposable
    {
        private readonly System.Net.Sockets.TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _serving;
        private int _connections;

        public TlsServer(X509Certificate2 certificate)
        {
            _listener.Start();
            _serving = ServeAsync(certificate);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Connections => _connections;

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
        }

        private async Task ServeAsync(X509Certificate2 certificate)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    Interlocked.Increment(ref _connections);
                    await using var secure = new SslStream(client.GetStream());
                    try
                    {
                        await secure.AuthenticateAsServerAsync(certificate);
                        await secure.ReadExactlyAsync(new byte[1]);
                    }
                    catch (Exception e)
                        when (e is IOException or System.Security.Authentication.AuthenticationException)
                    {
                        // The client has turned away.
                    }
                }
            }
            catch (Exception e) when (e is System.Net.Sockets.SocketException or InvalidOperationException) { }
        }
    }
}
