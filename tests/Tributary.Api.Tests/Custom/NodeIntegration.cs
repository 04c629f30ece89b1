using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Tributary.Api.Tests.Custom;

/// <summary>The custom integration's server of tests/custom-integration, run by Node.</summary>
internal sealed class NodeIntegration : IDisposable
{
    private readonly Process _process;

    private NodeIntegration(Process process, string address) => (_process, Address) = (process, address);

    public string Address { get; }

    public static async Task<NodeIntegration> StartAsync(string? secret = null)
    {
        var start = new ProcessStartInfo("node", [ScriptOf(), "0"]) { RedirectStandardOutput = true };
        start.Environment["SECRET"] = secret ?? "";
        var process = Process.Start(start)!;
        var address = await process.StandardOutput.ReadLineAsync();
        address.ShouldNotBeNull("node should say where it listens");
        return new NodeIntegration(process, address);
    }

    /// <summary>How often a call was made.</summary>
    public async Task<int> CallsAsync(string path)
    {
        using var http = new HttpClient();
        var calls = JsonElement.Parse(await http.GetStringAsync(new Uri(Address + "/calls")));
        return calls.TryGetProperty(path, out var count) ? count.GetInt32() : 0;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string ScriptOf([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../custom-integration/server.js"));
}
