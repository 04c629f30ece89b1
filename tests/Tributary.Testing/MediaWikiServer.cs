using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Tributary.Testing;

/// <summary>
/// A real MediaWiki (Debian's packages php-cli and mediawiki) with a database of its own, on 127.0.0.1 and a free port, for
/// the length of a test.
/// </summary>
public sealed class MediaWikiServer : IAsyncDisposable
{
    private const string Source = "/usr/share/mediawiki";
    private const string DocumentRoot = "/var/lib/mediawiki";
    private const string AdminPassword = "a-password-for-tests";

    private readonly TemporaryFolder _folder;
    private readonly Process _php;
    private readonly HttpClient _admin = new() { Timeout = TimeSpan.FromSeconds(60) };
    private string? _token;

    private MediaWikiServer(TemporaryFolder folder, Process php, Uri baseUri)
    {
        _folder = folder;
        _php = php;
        BaseUri = baseUri;
    }

    /// <summary>Whether a test that needs one can run here.</summary>
    public static bool IsInstalled => File.Exists("/usr/bin/php") && Directory.Exists(Source);

    /// <summary>Its address, ending with a slash.</summary>
    public Uri BaseUri { get; }

    /// <summary>Its api.php.</summary>
    public Uri Api => new(BaseUri, "api.php");

    /// <summary>Installs and starts one; it has a page "Main Page" and a user "Admin".</summary>
    /// <param name="settings">PHP lines for its LocalSettings.php.</param>
    public static async Task<MediaWikiServer> StartAsync(string settings = "")
    {
        var folder = new TemporaryFolder();
        var port = FreePort();
        Directory.CreateDirectory(folder["database"]);
        Directory.CreateDirectory(folder["config"]);
        await RunAsync(
            null,
            $"{Source}/maintenance/install.php",
            "--dbtype=sqlite",
            $"--dbpath={folder["database"]}",
            $"--confpath={folder["config"]}",
            $"--server=http://127.0.0.1:{port}",
            "--scriptpath=",
            $"--pass={AdminPassword}",
            "A wiki for tests",
            "Admin"
        );
        var config = Path.Combine(folder["config"], "LocalSettings.php");
        await File.AppendAllTextAsync(config, $"\n$wgRateLimits = [];\n$wgJobRunRate = 0;\n{settings}\n");
        var php = Process.Start(Php(config, "-S", $"127.0.0.1:{port}", "-t", DocumentRoot))!;
        php.OutputDataReceived += static (_, _) => { };
        php.ErrorDataReceived += static (_, _) => { };
        php.BeginOutputReadLine();
        php.BeginErrorReadLine();
        var wiki = new MediaWikiServer(folder, php, new Uri($"http://127.0.0.1:{port}/"));
        await wiki.LogInAsync();
        return wiki;
    }

    /// <summary>Writes a page; a new one when there is none.</summary>
    public Task EditAsync(string title, string text) =>
        PostAsync(("action", "edit"), ("title", title), ("text", text), ("token", _token!));

    /// <summary>Deletes a page.</summary>
    public Task DeleteAsync(string title) => PostAsync(("action", "delete"), ("title", title), ("token", _token!));

    /// <summary>Gives a page another title; a redirect stays behind.</summary>
    public Task MoveAsync(string from, string to) =>
        PostAsync(("action", "move"), ("from", from), ("to", to), ("token", _token!));

    /// <summary>Brings derived tables (members of categories) up to date, as a wiki's own job runner does.</summary>
    public Task RunJobsAsync() => RunAsync(ConfigPath, $"{Source}/maintenance/runJobs.php");

    /// <summary>Makes a bot password of the user "Admin".</summary>
    /// <returns>The user name and password to log in with.</returns>
    public async Task<(string Username, string Password)> AddBotPasswordAsync()
    {
        const string Password = "0123456789abcdef0123456789abcdef";
        await RunAsync(
            ConfigPath,
            $"{Source}/maintenance/createBotPassword.php",
            "--appid=tributary",
            "--grants=basic,highvolume",
            "Admin",
            Password
        );
        return ("Admin@tributary", Password);
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        _php.Kill(entireProcessTree: true);
        await _php.WaitForExitAsync();
        _php.Dispose();
        _folder.Dispose();
    }

    private string ConfigPath => Path.Combine(_folder["config"], "LocalSettings.php");

    private async Task LogInAsync()
    {
        var login = await GetTokenAsync("login");
        await PostAsync(
            ("action", "clientlogin"),
            ("username", "Admin"),
            ("password", AdminPassword),
            ("logintoken", login),
            ("loginreturnurl", BaseUri.ToString())
        );
        _token = await GetTokenAsync("csrf");
    }

    private async Task<string> GetTokenAsync(string kind)
    {
        var address = new Uri(Api, $"?action=query&meta=tokens&type={kind}&format=json&formatversion=2");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var json = JsonDocument.Parse(await _admin.GetStringAsync(address));
                return json
                    .RootElement.GetProperty("query")
                    .GetProperty("tokens")
                    .GetProperty($"{kind}token")
                    .GetString()!;
            }
            catch (HttpRequestException) when (attempt < 100)
            {
                // It is still starting.
                await Task.Delay(50);
            }
        }
    }

    private async Task PostAsync(params (string Name, string Value)[] parameters)
    {
        using var form = new FormUrlEncodedContent(
            parameters.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)).Append(new("format", "json"))
        );
        using var response = await _admin.PostAsync(Api, form);
        var answer = await response.Content.ReadAsStringAsync();
        if (answer.Contains("\"error\"", StringComparison.Ordinal) || !response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{parameters[0].Value} failed: {answer}");
        }
    }

    private static async Task RunAsync(string? config, params string[] arguments)
    {
        using var process = Process.Start(Php(config, arguments))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{arguments[0]} failed: {await output} {await errors}");
        }
    }

    private static ProcessStartInfo Php(string? config, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/php", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PHP_CLI_SERVER_WORKERS"] = "2";
        if (config is not null)
        {
            start.Environment["MW_CONFIG_FILE"] = config;
        }

        return start;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
