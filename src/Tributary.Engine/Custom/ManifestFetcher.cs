using System.Globalization;
using System.Text;
using System.Text.Json;
using Tributary.Engine.Custom.Client;
using Tributary.Engine.Custom.Manifests;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Custom;

/// <summary>Asks a custom integration's server for its manifest.</summary>
internal sealed class ManifestFetcher(CustomHttp http)
{
    private const long MaxBytes = 4_000_000;
    private const int MostTold = 10;

    /// <summary>The manifest, valid.</summary>
    /// <exception cref="EngineException">Rejected: it cannot be had or is not valid; says why.</exception>
    public async Task<(JsonElement Raw, CustomManifest Manifest)> FetchAsync(
        CustomServer server,
        string slug,
        CancellationToken cancellationToken
    )
    {
        JsonElement raw;
        try
        {
            raw = await http.SendCheckedAsync(
                    new CustomCall(server, ["/manifest"], null) { MaxBytes = MaxBytes, MaxAttempts = 2 },
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (SourceException exception)
        {
            throw new EngineException(
                RefusalKind.Rejected,
                $"The manifest at {server.BaseUrl}/manifest cannot be had: {exception.Message}"
            );
        }

        var manifest = ManifestReader.Read(slug, raw, out var problems);
        return manifest is not null
            ? (raw, manifest)
            : throw new EngineException(
                RefusalKind.Rejected,
                $"The manifest at {server.BaseUrl}/manifest is not valid: {InWords(problems)}"
            );
    }

    /// <summary>Mistakes in a manifest in one line.</summary>
    public static string InWords(IReadOnlyList<SettingsProblem> problems)
    {
        var told = problems
            .Take(MostTold)
            .Select(problem => problem.Path.Count == 0 ? problem.Message : $"{PathOf(problem)}: {problem.Message}");
        var more = problems.Count > MostTold ? $"; and {problems.Count - MostTold} more" : "";
        return string.Join("; ", told) + more;
    }

    private static string PathOf(SettingsProblem problem)
    {
        var path = new StringBuilder();
        foreach (var step in problem.Path)
        {
            path.Append(
                step is string name
                    ? (path.Length > 0 ? "." : "") + name
                    : string.Create(CultureInfo.InvariantCulture, $"[{step}]")
            );
        }

        return path.ToString();
    }
}
