using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Tributary.Cli;
using Tributary.Settings;

namespace Tributary.Quickstart;

/// <summary>What the quick start will do; made before anything is started, so that mistakes are told first.</summary>
internal sealed record QuickstartPlan
{
    /// <summary>Holds the token of a data directory that the quick start has made.</summary>
    public const string TokenFile = "quickstart-token";

    /// <summary>The folder or address to read, which is also the source's name.</summary>
    public required string Target { get; init; }

    /// <summary>The source's type.</summary>
    public required string Type { get; init; }

    /// <summary>The source's config.</summary>
    public required JsonObject Config { get; init; }

    /// <summary>The admin's token.</summary>
    public required string Token { get; init; }

    /// <summary>What was allowed for this one source that is refused otherwise; null for nothing.</summary>
    public string? Allowance { get; init; }

    /// <summary>Makes one, and puts what it needs into the settings where the operator has said nothing.</summary>
    /// <param name="target">A folder or address; null for the project's own docs.</param>
    /// <param name="settings">Changed.</param>
    /// <param name="terminal">Where relative paths start.</param>
    /// <param name="cancellationToken">Ends the look-up of the host's addresses.</param>
    public static async Task<QuickstartPlan> MakeAsync(
        string? target,
        ServerSettings settings,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        var isSite = Uri.TryCreate(target, UriKind.Absolute, out var site) && site.Scheme is "http" or "https";
        var folder = isSite ? null : FindFolder(target, terminal.WorkingDirectory);
        if (!settings.Given.Contains("data"))
        {
            settings.Engine.DataFolder = DefaultDataFolder();
        }

        if (!settings.Given.Contains("urls") && IsTaken(settings.Urls[0].Url))
        {
            settings.Urls = [ListenAddress.Parse("http://127.0.0.1:0")];
        }

        if (!settings.Given.Contains("log_level"))
        {
            settings.LogLevel = LogLevel.Warning;
        }

        var token = settings.AdminToken ??= TokenOf(settings.Engine.DataFolder);
        if (folder is not null)
        {
            settings.Engine.AllowedFolders = Join(settings.Engine.AllowedFolders, folder);
            return new QuickstartPlan
            {
                Target = folder,
                Type = "file",
                Config = new JsonObject { ["file_locations"] = new JsonArray(folder) },
                Token = token,
                Allowance = $"This server may read {folder}, and no other folder.",
            };
        }

        var ranges = await PrivateAddress.RangesOfAsync(site!.IdnHost, cancellationToken);
        settings.Engine.AllowedNetworks = Join(settings.Engine.AllowedNetworks, string.Join(',', ranges));
        return new QuickstartPlan
        {
            Target = site.AbsoluteUri,
            Type = "web",
            Config = new JsonObject { ["base_url"] = site.AbsoluteUri, ["web_connector_type"] = "recursive" },
            Token = token,
            Allowance =
                ranges.Count == 0
                    ? null
                    : $"{site.Host} is a private address. This server may read from {string.Join(", ", ranges)} because you named it; other private addresses stay refused.",
        };
    }

    private static string FindFolder(string? target, string workingDirectory)
    {
        if (target is not null)
        {
            var folder = Path.GetFullPath(Path.Combine(workingDirectory, target));
            return Directory.Exists(folder)
                ? folder
                : throw new UsageException(
                    $"There is no folder {folder}. Name a folder, or an address that begins with http:// or https://."
                );
        }

        foreach (var start in (string[])[workingDirectory, AppContext.BaseDirectory])
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var docs = Path.Combine(folder.FullName, "docs");
                if (File.Exists(Path.Combine(docs, "command-line.md")))
                {
                    return docs;
                }
            }
        }

        throw new UsageException("Tributary's own docs/ are not here. Name a folder or an address to read.");
    }

    private static string DefaultDataFolder()
    {
        var local = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.DoNotVerify
        );
        return Path.Combine(local.Length > 0 ? local : Path.GetTempPath(), "tributary", "quickstart-data");
    }

    private static bool IsTaken(string url)
    {
        using var listener = new TcpListener(IPAddress.Loopback, new Uri(url).Port);
        try
        {
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    // The admin's token follows the given one at every start: a server that is not the quick start's own keeps its.
    private static string TokenOf(string dataFolder)
    {
        var path = Path.Combine(dataFolder, TokenFile);
        if (File.Exists(path))
        {
            return File.ReadAllText(path).Trim();
        }

        if (Directory.Exists(dataFolder) && Directory.EnumerateFileSystemEntries(dataFolder).Any())
        {
            throw new UsageException(
                $"{Path.GetFullPath(dataFolder)} was not made by the quick start. Name another directory with --data, or give its admin's token in TRIBUTARY_ADMIN_TOKEN."
            );
        }

        Directory.CreateDirectory(dataFolder);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        using var writer = new StreamWriter(path, options);
        writer.WriteLine(token);
        return token;
    }

    private static string Join(string list, string more) =>
        list.Length == 0 ? more
        : more.Length == 0 ? list
        : $"{list},{more}";
}
