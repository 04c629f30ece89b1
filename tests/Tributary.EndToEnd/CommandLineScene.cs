using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Tributary.Cli;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>A server that plays the API, and the command line run against it in this process.</summary>
internal sealed class CommandLineScene : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Answer>> _answers = new();
    private LoopbackServer? _server;

    private CommandLineScene() { }

    /// <summary>Requests as "METHOD /path?query".</summary>
    public IReadOnlyList<string> Requests => [.. _server!.Requests];

    /// <summary>Bodies of requests that had one, as "METHOD /path" and JSON.</summary>
    public ConcurrentQueue<(string Request, JsonNode Body)> Bodies { get; } = new();

    /// <summary>Authorization headers, in the order of arrival.</summary>
    public ConcurrentQueue<string> Authorizations { get; } = new();

    /// <summary>The environment of the next command.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>The server's address.</summary>
    public string Address => _server!.BaseUri.AbsoluteUri.TrimEnd('/');

    public static async Task<CommandLineScene> StartAsync()
    {
        var scene = new CommandLineScene();
        scene._server = await LoopbackServer.StartAsync(scene.AnswerAsync);
        scene.Variables[ClientOptions.ServerVariable] = scene.Address;
        scene.Variables[ClientOptions.TokenVariable] = "test-token";
        return scene;
    }

    /// <summary>What a request is answered with. Several calls: one after the other, the last one for ever.</summary>
    public CommandLineScene On(string request, string json, int status = 200)
    {
        _answers.GetOrAdd(request, _ => new()).Enqueue(new Answer(status, json));
        return this;
    }

    /// <summary>Runs a command.</summary>
    public Task<CommandLineResult> RunAsync(params string[] arguments) =>
        CommandLineResult.OfAsync(arguments, Variables);

    /// <summary>The JSON body of the only request of this kind.</summary>
    public JsonNode BodyOf(string request) => Bodies.Single(pair => pair.Request == request).Body;

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = $"{context.Request.Method} {context.Request.Path}";
        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        if (context.Request.ContentLength > 0)
        {
            Bodies.Enqueue((request, (await JsonNode.ParseAsync(context.Request.Body))!));
        }

        if (!_answers.TryGetValue(request, out var queue) || !queue.TryPeek(out var answer))
        {
            answer = new Answer(404, """{"detail":"Not found"}""");
        }
        else if (queue.Count > 1)
        {
            queue.TryDequeue(out _);
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.Json);
    }

    private sealed record Answer(int Status, string Json);
}

/// <summary>What a command has said, and its exit code.</summary>
internal sealed record CommandLineResult(int ExitCode, string Out, string Error)
{
    /// <summary>Runs a command in this process.</summary>
    public static async Task<CommandLineResult> OfAsync(
        string[] arguments,
        IReadOnlyDictionary<string, string>? variables = null,
        string input = "",
        string? workingDirectory = null,
        CancellationToken cancellationToken = default
    )
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var reader = new StringReader(input);
        var terminal = new Terminal
        {
            Out = output,
            Error = error,
            In = reader,
            Variable = name => variables?.GetValueOrDefault(name),
            WorkingDirectory = workingDirectory ?? Path.GetTempPath(),
            PollInterval = TimeSpan.FromMilliseconds(1),
        };
        var exitCode = await CommandLine.RunAsync(arguments, terminal, cancellationToken);
        return new CommandLineResult(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The lines of <see cref="Out"/> without the spaces that align them.</summary>
    public IReadOnlyList<string> Rows =>
        [.. Out.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
}

/// <summary>Who may read a file.</summary>
internal static class OwnerOnly
{
    /// <summary>The file's mode; Windows has none, and gives files in a user's folder to him alone.</summary>
    public static UnixFileMode ModeOf(string path) =>
        OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(path);
}
