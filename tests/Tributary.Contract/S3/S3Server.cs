using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tributary.Sdk.Authenticating;
using Tributary.Testing;

namespace Tributary.Contract.S3;

/// <summary>A real S3 server (npm's s3rver, which knows keys and takes any signature) on 127.0.0.1 and a free port, for the length of a test.</summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string Key = "S3RVER";
    public const string Bucket = "company-documents";
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "S3", "Server");

    private readonly TemporaryFolder _data;
    private readonly Process _node;
    private readonly HttpClient _client;

    private S3Server(TemporaryFolder data, Process node, Uri address)
    {
        (_data, _node, Address) = (data, node, address);
        _client = new HttpClient(
            new AuthenticatingHandler(
                Authentication.AwsSignature(address.AbsoluteUri, AwsKeys.Fixed(Key, Key), "us-east-1"),
                new TokensInMemory(TimeProvider.System),
                new TokenChannel(new HttpClient(), TimeProvider.System, null)
            )
            {
                InnerHandler = new SocketsHttpHandler(),
            }
        );
    }

    /// <summary>Its address, without a slash at the end.</summary>
    public Uri Address { get; }

    /// <summary>Starts one with an empty bucket.</summary>
    public static async Task<S3Server> StartAsync()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "s3rver")))
        {
            await RunAsync("npm", "ci", "--no-audit", "--no-fund");
        }

        var data = new TemporaryFolder();
        var port = FreePort();
        var start = new ProcessStartInfo(
            "node",
            [
                // Its continuation tokens are made with a cipher that OpenSSL 3 calls old.
                "--openssl-legacy-provider",
                Path.Combine("node_modules", "s3rver", "bin", "s3rver.js"),
                "--silent",
                "--no-vhost-buckets",
                "--address",
                "127.0.0.1",
                "--port",
                $"{port}",
                "--directory",
                data.Path,
                "--configure-bucket",
                Bucket,
            ]
        )
        {
            WorkingDirectory = Folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var node = Process.Start(start)!;
        await ListensAsync(port, node);
        return new S3Server(data, node, new Uri($"http://127.0.0.1:{port}"));
    }

    /// <summary>Uploads an object.</summary>
    public async Task PutAsync(string key, string text, string? department = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, AddressOf(key));
        request.Content = new StringContent(text);
        if (department is not null)
        {
            request.Headers.Add("x-amz-meta-department", department);
        }

        using var response = await _client.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Deletes an object.</summary>
    public async Task DeleteAsync(string key)
    {
        using var response = await _client.DeleteAsync(AddressOf(key));
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _node.Kill();
        await _node.WaitForExitAsync();
        _node.Dispose();
        _data.Dispose();
    }

    private Uri AddressOf(string key) =>
        new($"{Address.AbsoluteUri}{Bucket}/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}");

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true }
        )!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
    }

    private static async Task ListensAsync(int port, Process process)
    {
        for (var attempt = 0; attempt < 1_200; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!process.HasExited)
            {
                await Task.Delay(25);
            }
        }

        throw new InvalidOperationException("The S3 server does not listen.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
