using Microsoft.Extensions.Logging;
using Tributary.Api;
using Tributary.Engine;

namespace Tributary.Settings;

/// <summary>What the operator decides about a server. <see cref="Setting.All"/> says how each member is given.</summary>
internal sealed class ServerSettings
{
    /// <summary>The part that the engine understands.</summary>
    public EngineOptions Engine { get; } = new();

    /// <summary>The part that the API understands.</summary>
    public ApiOptions Api { get; } = new();

    /// <summary>The settings that somebody gave, wherever; the others have their defaults.</summary>
    public ISet<string> Given { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Where to listen.</summary>
    public IReadOnlyList<ListenAddress> Urls { get; set; } = [ListenAddress.Parse("http://127.0.0.1:8080")];

    /// <summary>The admin's token; null lets the first start make one.</summary>
    public string? AdminToken { get; set; }

    /// <summary>How log lines look.</summary>
    public LogFormat LogFormat { get; set; } = LogFormat.Simple;

    /// <summary>Log lines below this are left out.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;
}

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary>One line of text each.</summary>
    Simple,

    /// <summary>One JSON object each.</summary>
    Json,
}
