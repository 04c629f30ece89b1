using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Custom.Manifests;
using Tributary.Sdk;

namespace Tributary.Engine.Custom.Client;

/// <summary>A request to a custom integration's server.</summary>
/// <param name="Server">Whose.</param>
/// <param name="Paths">Where it may be answered, best first: those after the first are tried when there is nothing (404).</param>
/// <param name="Body">What is sent; null for a GET.</param>
internal sealed record CustomCall(CustomServer Server, IReadOnlyList<string> Paths, JsonObject? Body)
{
    /// <summary>Whose limits hold, and are held back when the server asks for it; null for nobody's.</summary>
    public Connectors.Connector? Connector { get; init; }

    /// <summary>The connector's limits; empty for a call that needs none.</summary>
    public IReadOnlyList<RateLimit> Limits { get; init; } = [];

    /// <summary>A run's: it waits where somebody who looks on would be refused.</summary>
    public bool IsRun { get; init; }

    /// <summary>It changes nothing, and may be sent again.</summary>
    public bool OnlyReads { get; init; }

    /// <summary>Attempts of the way out; null for its usual number.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>The largest answer.</summary>
    public long MaxBytes { get; init; } = CustomHttp.MaxAnswerBytes;
}

/// <summary>Where a custom integration's server is, and what is sent along to it.</summary>
/// <param name="BaseUrl">Without a slash at its end.</param>
/// <param name="Secret">Sent as a bearer token; null for none.</param>
internal sealed record CustomServer(string BaseUrl, string? Secret)
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => BaseUrl;
}

/// <summary>What a server answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Json">The body; undefined when it is empty or, with an error, no JSON.</param>
/// <param name="AsksToWait">It names a time to wait (Retry-After).</param>
internal sealed record CustomAnswer(int Status, JsonElement Json, bool AsksToWait)
{
    private const int MostWords = 1_000;

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Trying again may help.</summary>
    public bool IsTransient => Status is 429 or >= 500 or 408 or 425;

    /// <summary>What the server says is wrong; null when it says nothing.</summary>
    public string? ErrorMessage =>
        (Json.Text("errorMessage") ?? Json.Text("message") ?? Json.Text("error")) is { Length: > 0 } text
            ? Shorten(text)
            : null;

    /// <summary>The server's words, bounded.</summary>
    public static string Shorten(string text) => text.Length <= MostWords ? text : text[..MostWords] + "…";
}

/// <summary>A custom integration with its manifest.</summary>
internal sealed record LoadedIntegration(CustomIntegration Row, CustomManifest Manifest)
{
    public string Slug => Row.Slug;
}
