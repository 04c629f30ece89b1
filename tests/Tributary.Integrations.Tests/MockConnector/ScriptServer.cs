using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Tributary.Integrations.MockConnector;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Integrations.Tests.MockConnector;

/// <summary>A script server: its script is either a text of the test's own, or five of its items a step.</summary>
public sealed class ScriptServer : ConformanceSource
{
    private const int ItemsPerStep = 5;

    private readonly SortedDictionary<string, string> _items = new(StringComparer.Ordinal);
    private readonly List<string> _broken = [];
    private LoopbackServer _server = null!;

    /// <summary>The script as JSON; null makes one of the items.</summary>
    public string? Script { get; set; }

    /// <summary>The checkpoints that were posted.</summary>
    public ConcurrentQueue<string> Checkpoints { get; } = [];

    public override object Config => ConfigOf(_server.BaseUri.Port);

    public override FaultInjector Faults { get; }

    public override IEnumerable<BadSettings> BadSettings =>
        [new("nothing listens there", ConfigOf(1), null, FailureKind.Configuration)];

    private ScriptServer() => Faults = new FaultInjector(AnswerAsync);

    public static async Task<ScriptServer> StartAsync()
    {
        var source = new ScriptServer();
        source._server = await LoopbackServer.StartAsync(source.Faults.AnswerAsync);
        return source;
    }

    public override Task FillAsync(int count, int textLength = 40)
    {
        for (var index = 0; index < count; index++)
        {
            _items[$"item {index}"] = new string('x', textLength);
        }

        return Task.CompletedTask;
    }

    public override Task AddAsync(string name) => Task.FromResult(_items[name] = "added");

    public override Task ChangeAsync(string name) => Task.FromResult(_items[name] = "changed");

    public override Task RemoveAsync(string name) => Task.FromResult(_items.Remove(name));

    public override Task AddBrokenAsync(string name)
    {
        _broken.Add(name);
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => _server.DisposeAsync();

    private static MockConnectorConfig ConfigOf(int port) =>
        new() { MockServerHost = "127.0.0.1", MockServerPort = port };

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request is { Method: "POST", Path.Value: "/add-checkpoint" })
        {
            Checkpoints.Enqueue(await new StreamReader(context.Request.Body).ReadToEndAsync());
            await context.Response.WriteAsJsonAsync<object?>(null);
            return;
        }

        context.Request.Path.Value.ShouldBe("/get-documents");
        if (Script is not null)
        {
            await context.Response.WriteAsync(Script);
            return;
        }

        var steps = _items.Chunk(ItemsPerStep).ToList();
        await context.Response.WriteAsJsonAsync(
            steps.Select(
                (step, index) =>
                    new
                    {
                        documents = step.Select(item => new
                        {
                            id = item.Key,
                            sections = new[] { new { text = item.Value, link = "https://example.com/" + item.Key } },
                            source = "mock_connector",
                            semantic_identifier = item.Key,
                            metadata = new { },
                        }),
                        failures = _broken
                            .Where(_ => index == 0)
                            .Select(id => new
                            {
                                failed_document = new { document_id = id },
                                failure_message = "It was scripted to fail.",
                            }),
                        checkpoint = new { has_more = index < steps.Count - 1, last_document_id = step[^1].Key },
                    }
            )
        );
    }
}
