using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Contract.Emulators;
using Tributary.Contract.Specs;

namespace Tributary.Contract.GraphQl;

/// <summary>
/// Executes queries against a vendor's own schema (by the reference implementation, in a process of Node), so that a query
/// that the vendor would refuse is refused, and an answer has the shape that the schema promises.
/// </summary>
/// <param name="vendor">The folder of <c>schema.graphql</c>.</param>
/// <param name="resolve">
/// Answers fields of the root, and fields with arguments that the parent's value does not have: type, field, parent,
/// arguments. Values have members as the schema names them, and <c>__typename</c> where it is an interface or a union.
/// </param>
public sealed class GraphQlExecutor(string vendor, Func<string, string, JsonElement, JsonElement, object?> resolve)
    : IDisposable
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "GraphQl");
    private static readonly Lock Installing = new();

    // Processes that have read a vendor's schema, which takes them seconds, and do nothing now. They end with this process,
    // which closes their input.
    private static readonly ConcurrentDictionary<string, ConcurrentBag<Process>> Idle = new();

    private readonly Lazy<Process> _node = new(() => IdleOf(vendor).TryTake(out var node) ? node : Start(vendor));
    private bool _isAsking;

    /// <summary>Queries that the schema does not allow; empty at the end of a good test.</summary>
    public List<string> Invalid { get; } = [];

    /// <summary>Whether the schema is at hand; elsewhere than in CI it may be missing, and the test has nothing to run.</summary>
    public static bool IsPossible => SpecFolder.Path is not null;

    /// <summary>Answers a posted query as a GraphQL server does.</summary>
    public EmulatorAnswer Answer(EmulatorCall call)
    {
        var node = _node.Value;
        _isAsking = true;
        Send(node, new { query = call.Json.GetProperty("query").GetString(), variables = Variables(call.Json) });
        while (true)
        {
            var line =
                node.StandardOutput.ReadLine()
                ?? throw new InvalidOperationException($"Node has ended: {node.StandardError.ReadToEnd()}");
            var message = JsonDocument.Parse(line).RootElement;
            if (message.TryGetProperty("result", out var result))
            {
                _isAsking = false;
                return Finished(result);
            }

            var value = resolve(
                message.GetProperty("type").GetString()!,
                message.GetProperty("field").GetString()!,
                message.GetProperty("parent"),
                message.GetProperty("args")
            );
            Send(node, new { answer = message.GetProperty("ask").GetInt32(), value });
        }
    }

    public void Dispose()
    {
        if (_node.IsValueCreated && !_isAsking)
        {
            IdleOf(vendor).Add(_node.Value);
        }
        else if (_node.IsValueCreated)
        {
            // A resolver has thrown: it waits for an answer that it will not get.
            _node.Value.Kill();
            _node.Value.Dispose();
        }
    }

    private static ConcurrentBag<Process> IdleOf(string vendor) => Idle.GetOrAdd(vendor, _ => []);

    private EmulatorAnswer Finished(JsonElement result)
    {
        var answer = JsonObject.Create(result)!;
        if (!answer.Remove("isInvalid"))
        {
            return EmulatorAnswer.Json(answer);
        }

        Invalid.Add(result.GetProperty("errors").GetRawText());
        return EmulatorAnswer.Json(answer, 400);
    }

    private static JsonElement? Variables(JsonElement request) =>
        request.TryGetProperty("variables", out var variables) ? variables : null;

    private static void Send(Process node, object message)
    {
        node.StandardInput.WriteLine(JsonSerializer.Serialize(message));
        node.StandardInput.Flush();
    }

    private static Process Start(string vendor)
    {
        Install();
        return Process.Start(
            new ProcessStartInfo("node", ["execute.mjs", Path.Combine(SpecFolder.Path!, vendor, "schema.graphql")])
            {
                WorkingDirectory = Folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
    }

    private static void Install()
    {
        lock (Installing)
        {
            if (!Directory.Exists(Path.Combine(Folder, "node_modules", "graphql")))
            {
                using var npm = Process.Start(
                    new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"])
                    {
                        WorkingDirectory = Folder,
                        RedirectStandardOutput = true,
                    }
                )!;
                npm.StandardOutput.ReadToEnd();
                npm.WaitForExit();
            }
        }
    }
}
