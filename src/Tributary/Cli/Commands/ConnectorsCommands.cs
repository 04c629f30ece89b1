using System.CommandLine;
using System.Text;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary connectors …</c>.</summary>
internal static class ConnectorsCommands
{
    /// <summary>Set by the server on everything that came from the API behind a connector.</summary>
    private const string UpstreamStatus = "X-Upstream-Status";

    /// <summary>Makes the group.</summary>
    public static Command Create(Terminal terminal)
    {
        var group = new DocumentedCommand(
            "connectors",
            "Use connectors of the Cargo dialect.",
            "tributary connectors call my_api GET users?limit=5"
        );
        group.Add(Call(new ClientOptions(group, terminal)));
        return group;
    }

    private static DocumentedCommand Call(ClientOptions options)
    {
        var connector = new Argument<string>("connector") { Description = "The connector's slug or uuid." };
        var method = new Argument<string>("method") { Description = "GET, HEAD, POST, PUT, PATCH or DELETE." };
        var path = new Argument<string>("path") { Description = "Below the API's address, with its query." };
        var data = new Option<string?>("--data")
        {
            Description = "The body: text, @file, or - for standard input.",
            HelpName = "text",
        };
        var headers = new Option<string[]>("--header")
        {
            Description = "A header as 'Name: value'; may be given several times.",
            HelpName = "header",
            DefaultValueFactory = _ => [],
        };
        var output = new Option<string?>("--output")
        {
            Description = "Write the answer's body to this file, byte by byte.",
            HelpName = "file",
        };
        var command = new DocumentedCommand(
            "call",
            "Send a request to a connector's API, with its credentials and within its limits.",
            "tributary connectors call my_api GET users?limit=5",
            "tributary connectors call my_api POST users --data @user.json"
        )
        {
            connector,
            method,
            path,
            data,
            headers,
            output,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var uuid = await FindAsync(session, parsed.GetRequiredValue(connector), cancellationToken);
                var tail = parsed.GetRequiredValue(path).TrimStart('/');
                using var request = new HttpRequestMessage(
                    new HttpMethod(parsed.GetRequiredValue(method).ToUpperInvariant()),
                    $"v1/connection/connectors/{uuid}/proxy/{tail}"
                );
                request.Content = await ContentAsync(session.Terminal, parsed.GetValue(data), cancellationToken);
                foreach (var header in parsed.GetValue(headers)!)
                {
                    SetHeader(request, header);
                }

                using var response = await session.Client.SendAnyAsync(request, cancellationToken);
                return await ShowAsync(session, response, parsed.GetValue(output), cancellationToken);
            }
        );
        return command;
    }

    private static async Task<int> ShowAsync(
        ClientSession session,
        HttpResponseMessage response,
        string? output,
        CancellationToken cancellationToken
    )
    {
        if (!response.Headers.TryGetValues(UpstreamStatus, out var status))
        {
            throw await session.Client.RefusalOfAsync(response, cancellationToken);
        }

        if (output is not null)
        {
            await using var file = File.Create(Path.Combine(session.Terminal.WorkingDirectory, output));
            await response.Content.CopyToAsync(file, cancellationToken);
        }
        else
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            var buffer = new char[8192];
            while (await reader.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                await session.Terminal.Out.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }

        var answered = status.First();
        if (answered.StartsWith('2') || answered.StartsWith('3'))
        {
            return ExitCode.Ok;
        }

        await session.Terminal.Error.WriteLineAsync($"The API answered {answered}.");
        return ExitCode.Failed;
    }

    private static async Task<Guid> FindAsync(ClientSession session, string name, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(name, out var uuid))
        {
            return uuid;
        }

        var answer = await session.Client.GetAsync("v1/connection/connectors/list", cancellationToken);
        var found = answer.Member("connectors").Items().FirstOrDefault(connector => connector.Text("slug") == name);
        return Guid.TryParse(found.Text("uuid"), out uuid)
            ? uuid
            : throw new CommandException($"There is no connector with the slug \"{name}\".");
    }

    private static async Task<HttpContent?> ContentAsync(
        Terminal terminal,
        string? data,
        CancellationToken cancellationToken
    )
    {
        if (data is null)
        {
            return null;
        }

        HttpContent content = data switch
        {
            "-" => new StringContent(await terminal.In.ReadToEndAsync(cancellationToken), Encoding.UTF8),
            ['@', .. var file] => new StreamContent(File.OpenRead(Path.Combine(terminal.WorkingDirectory, file))),
            _ => new StringContent(data, Encoding.UTF8),
        };
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return content;
    }

    private static void SetHeader(HttpRequestMessage request, string header)
    {
        var colon = header.IndexOf(':', StringComparison.Ordinal);
        var (name, value) = colon < 1 ? ("", "") : (header[..colon].Trim(), header[(colon + 1)..].Trim());
        request.Content?.Headers.Remove(name.Length > 0 ? name : "X-None");
        if (
            name.Length == 0
            || value.AsSpan().IndexOfAny('\r', '\n') >= 0
            || (
                !request.Headers.TryAddWithoutValidation(name, value)
                && request.Content?.Headers.TryAddWithoutValidation(name, value) != true
            )
        )
        {
            throw new UsageException($"--header: \"{name}\" cannot be set; write 'Name: value'.");
        }
    }
}
