namespace Tributary.Engine;

/// <summary>What the operator decides. Bound from the section <c>Tributary</c> of the settings file, from <c>TRIBUTARY_…</c> variables and from the command line.</summary>
public sealed class EngineOptions
{
    /// <summary>The data directory: database, key ring, uploads, temporary files.</summary>
    public string DataFolder { get; set; } = "./data";

    /// <summary>Private ranges that outbound requests may reach, in CIDR notation, separated by commas: <c>10.0.0.0/8, 127.0.0.1/32</c>.</summary>
    public string AllowedNetworks { get; set; } = "";

    /// <summary>Server folders that the <c>file</c> source may read, separated by the platform's path separator or commas.</summary>
    public string AllowedFolders { get; set; } = "";

    /// <summary>Runs that go on at once in this process.</summary>
    public int MaxConcurrentRuns { get; set; } = 16;

    /// <summary>The name and contact that outbound requests give.</summary>
    public string UserAgent { get; set; } =
        "Tributary/0.1 (a connector platform; its operator can name a contact here)";

    /// <summary>The share of a connector's documents that one prune may delete without confirmation.</summary>
    public double PruneShareLimit { get; set; } = 0.5;

    /// <summary>A prune of at most this many documents needs no confirmation.</summary>
    public int PruneCountLimit { get; set; } = 20;

    /// <summary>The largest upload in bytes.</summary>
    public long MaxUploadBytes { get; set; } = 2L << 30;

    /// <summary>How long the server of a custom integration may take to begin an answer, and again to finish it, in seconds.</summary>
    public int CustomAnswerSeconds { get; set; } = 100;

    /// <summary>The OAuth clients that were registered with vendors, by integration: JSON, or the path of a file; see <see cref="OAuth.OAuthClients.Parse"/>.</summary>
    public string OauthClients { get; set; } = "";

    /// <summary>Credentials of the operator's own accounts that connectors may use; see <see cref="Connectors.SharedCredentials"/>. A secret.</summary>
    public string SharedCredentials { get; set; } = "";

    /// <summary>Whether commits wait for the disk (<c>full</c>), or may lose the last moments on power loss (<c>normal</c>); neither can corrupt.</summary>
    public string Durability { get; set; } = "full";
}
