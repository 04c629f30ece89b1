using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.OAuth;

namespace Tributary.Settings;

/// <summary>
/// One setting of the server. File, environment, command line, help and docs/configuration.md all follow from
/// <see cref="All"/>: a new setting is one entry there.
/// </summary>
/// <param name="Name">Its name in the file; environment and command line derive theirs from it.</param>
/// <param name="Description">One or two sentences.</param>
/// <param name="Default">What holds when it is not given, for people.</param>
/// <param name="Apply">Reads the text into the settings; throws <see cref="FormatException"/> with what would be right.</param>
internal sealed record Setting(string Name, string Description, string Default, Action<ServerSettings, string> Apply)
{
    private static readonly EngineOptions EngineDefaults = new();

    /// <summary>Secrets have no option: a command line is visible to everybody on the machine.</summary>
    public bool IsSecret { get; init; }

    /// <summary>What stands for the value in help.</summary>
    public string ValueName { get; init; } = "text";

    /// <summary>Its environment variable.</summary>
    public string Variable => "TRIBUTARY_" + Name.ToUpperInvariant();

    /// <summary>Its option on the command line.</summary>
    public string Option => "--" + Name.Replace('_', '-');

    /// <summary>Every setting.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        new(
            "urls",
            "Where to listen; several are separated by semicolons. Port 0 takes a free one.",
            "http://127.0.0.1:8080",
            (settings, text) => settings.Urls = ListenAddress.ParseList(text)
        )
        {
            ValueName = "url",
        },
        new(
            "data",
            "The data directory: database, key ring, uploads, temporary files. Made when it does not exist.",
            EngineDefaults.DataFolder,
            (settings, text) => settings.Engine.DataFolder = NotEmpty(text)
        )
        {
            ValueName = "folder",
        },
        new(
            "admin_token",
            "The admin's token, at least 16 characters, kept in step at every start. Without it the first start makes one and prints it once.",
            "made at the first start",
            (settings, text) => settings.AdminToken = Token(text)
        )
        {
            IsSecret = true,
        },
        new(
            "allowed_networks",
            "Private address ranges that sources may be read from, in CIDR notation, separated by commas. Everything private is refused otherwise.",
            "none",
            (settings, text) => settings.Engine.AllowedNetworks = Networks(text)
        )
        {
            ValueName = "ranges",
        },
        new(
            "allowed_folders",
            "Folders of this machine that sources of type file may read, as absolute paths, separated by commas.",
            "none",
            (settings, text) => settings.Engine.AllowedFolders = Folders(text)
        )
        {
            ValueName = "folders",
        },
        new(
            "cors_origins",
            "Origins whose web pages may call the API with a token, as https://app.example.com, separated by commas; * for all.",
            "none",
            (settings, text) => settings.Api.CorsOrigins = Origins(text)
        )
        {
            ValueName = "origins",
        },
        new(
            "shared_credentials",
            "Credentials of your own accounts that connectors may use, each workspace within an allowance: a JSON object, or the path of a file with it; see docs/cargo.md.",
            "none",
            (settings, text) =>
            {
                SharedCredentials.Parse(text);
                settings.Engine.SharedCredentials = text;
            }
        )
        {
            IsSecret = true,
        },
        new(
            "max_concurrent_runs",
            "Runs that go on at once; further ones are queued.",
            EngineDefaults.MaxConcurrentRuns.ToString(CultureInfo.InvariantCulture),
            (settings, text) => settings.Engine.MaxConcurrentRuns = (int)Whole(text, 1, 10_000)
        )
        {
            ValueName = "number",
        },
        new(
            "user_agent",
            "The name and contact that requests to sources give.",
            EngineDefaults.UserAgent,
            (settings, text) => settings.Engine.UserAgent = HeaderText(text)
        ),
        new(
            "prune_share_limit",
            "The share of a source's documents, from 0 to 1, that one prune may delete without confirmation.",
            EngineDefaults.PruneShareLimit.ToString(CultureInfo.InvariantCulture),
            (settings, text) => settings.Engine.PruneShareLimit = Share(text)
        )
        {
            ValueName = "share",
        },
        new(
            "prune_count_limit",
            "A prune that deletes at most this many documents needs no confirmation.",
            EngineDefaults.PruneCountLimit.ToString(CultureInfo.InvariantCulture),
            (settings, text) => settings.Engine.PruneCountLimit = (int)Whole(text, 0, int.MaxValue)
        )
        {
            ValueName = "number",
        },
        new(
            "max_upload_bytes",
            "The largest upload, in bytes.",
            EngineDefaults.MaxUploadBytes.ToString(CultureInfo.InvariantCulture),
            (settings, text) => settings.Engine.MaxUploadBytes = Whole(text, 1, long.MaxValue)
        )
        {
            ValueName = "bytes",
        },
        new(
            "custom_answer_seconds",
            "How long the server of a custom integration may take to begin an answer, and again to finish it, in seconds.",
            EngineDefaults.CustomAnswerSeconds.ToString(CultureInfo.InvariantCulture),
            (settings, text) => settings.Engine.CustomAnswerSeconds = (int)Whole(text, 1, 100)
        )
        {
            ValueName = "seconds",
        },
        new(
            "oauth_clients",
            "OAuth clients that were registered with vendors, for signing in: a JSON object {slug: {client_id, client_secret, redirect_uri}}, or the path of a file that holds one.",
            "none",
            (settings, text) => settings.Engine.OauthClients = Clients(text)
        )
        {
            IsSecret = true,
        },
        new(
            "durability",
            "full: every commit waits for the disk. normal: a power failure may lose the last moments, and corrupts nothing.",
            EngineDefaults.Durability,
            (settings, text) => settings.Engine.Durability = OneOf(text, "full", "normal")
        )
        {
            ValueName = "full|normal",
        },
        new(
            "log_format",
            "How log lines look. They go to standard error.",
            "simple",
            (settings, text) =>
                settings.LogFormat = OneOf(text, "simple", "json") == "json" ? LogFormat.Json : LogFormat.Simple
        )
        {
            ValueName = "simple|json",
        },
        new(
            "log_level",
            "The least that is logged. information tells of starts and ends of runs, warning of what was retried, error of what needs a person.",
            "information",
            (settings, text) =>
                settings.LogLevel = Enum.Parse<LogLevel>(
                    OneOf(text, "debug", "information", "warning", "error"),
                    ignoreCase: true
                )
        )
        {
            ValueName = "debug|information|warning|error",
        },
    ];

    private static string NotEmpty(string text) =>
        string.IsNullOrWhiteSpace(text) ? throw new FormatException("It must not be empty.") : text.Trim();

    private static string HeaderText(string text) =>
        NotEmpty(text).All(character => character is >= ' ' and <= '~')
            ? text.Trim()
            : throw new FormatException("It goes into a request header: only printable ASCII characters are allowed.");

    // Never repeats the value: it is a secret.
    private static string Token(string text)
    {
        var token = text.Trim();
        return token.Length >= 16 && token.All(character => character is > ' ' and <= '~')
            ? token
            : throw new FormatException("It needs at least 16 printable ASCII characters without spaces.");
    }

    private static long Whole(string text, long least, long most) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= least
        && number <= most
            ? number
            : throw new FormatException($"\"{text}\" is not a whole number from {least} to {most}.");

    private static double Share(string text) =>
        double.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share)
        && share is >= 0 and <= 1
            ? share
            : throw new FormatException($"\"{text}\" is not a number from 0 to 1, as 0.5.");

    private static string OneOf(string text, params string[] values) =>
        values.FirstOrDefault(value => value.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase))
        ?? throw new FormatException($"\"{text}\" is not one of {string.Join(", ", values)}.");

    private static string Networks(string text)
    {
        var wrong = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(range => !IPNetwork.TryParse(range, out _));
        return wrong is null
            ? text
            : throw new FormatException(
                $"\"{wrong}\" is no address range; write 10.0.0.0/8 for a network, 10.1.2.3/32 for one address."
            );
    }

    private static string Clients(string text)
    {
        OAuthClients.Parse(text);
        return text;
    }

    private static List<string> Origins(string text)
    {
        var origins = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(origin => origin.TrimEnd('/'))
            .ToList();
        var wrong = origins.Find(origin =>
            origin != "*"
            && !(
                Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                && uri.Scheme is "http" or "https"
                && uri.GetLeftPart(UriPartial.Authority) == origin
            )
        );
        return wrong is null
            ? origins
            : throw new FormatException($"\"{wrong}\" is no origin; write https://app.example.com, or * for all.");
    }

    private static string Folders(string text)
    {
        var wrong = text.Split(
                [',', Path.PathSeparator],
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
            )
            .FirstOrDefault(folder => !Path.IsPathFullyQualified(folder));
        return wrong is null ? text : throw new FormatException($"\"{wrong}\" is not an absolute path.");
    }
}
