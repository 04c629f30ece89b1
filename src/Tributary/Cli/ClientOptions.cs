using System.CommandLine;

namespace Tributary.Cli;

/// <summary>What every command that speaks to a server takes.</summary>
internal sealed class ClientOptions
{
    /// <summary>The environment variable behind <c>--server</c>.</summary>
    public const string ServerVariable = "TRIBUTARY_SERVER";

    /// <summary>The environment variable behind <c>--token</c>.</summary>
    public const string TokenVariable = "TRIBUTARY_TOKEN";

    private readonly Terminal _terminal;

    private readonly Option<string?> _server = new("--server")
    {
        Description = $"The server's address. Else {ServerVariable}, else {ServerClient.DefaultServer}.",
        HelpName = "url",
        Recursive = true,
    };

    private readonly Option<string?> _token = new("--token")
    {
        Description = $"The token. Else {TokenVariable}, which other users of this machine cannot see.",
        HelpName = "token",
        Recursive = true,
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print the server's JSON instead of text.",
        Recursive = true,
    };

    /// <summary>Adds the options to a command and those below it.</summary>
    public ClientOptions(Command command, Terminal terminal)
    {
        _terminal = terminal;
        command.Add(_server);
        command.Add(_token);
        command.Add(_json);
    }

    /// <summary>Makes a command do something with the server.</summary>
    public void Handle(Command command, Func<ClientSession, ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var client = new ServerClient(ServerOf(parsed), TokenOf(parsed));
                var session = new ClientSession(client, _terminal, parsed.GetValue(_json));
                return await action(session, parsed, cancellationToken);
            }
        );

    private Uri ServerOf(ParseResult parsed)
    {
        var (text, from) =
            parsed.GetValue(_server) is { } option ? (option, "--server")
            : _terminal.Variable(ServerVariable) is { Length: > 0 } variable ? (variable, ServerVariable)
            : (ServerClient.DefaultServer, "");
        return Uri.TryCreate(text, UriKind.Absolute, out var server) && server.Scheme is "http" or "https"
            ? server
            : throw new UsageException($"{from}: \"{text}\" is no address; write it as {ServerClient.DefaultServer}.");
    }

    private string? TokenOf(ParseResult parsed)
    {
        var token = (parsed.GetValue(_token) ?? _terminal.Variable(TokenVariable))?.Trim();
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        return token.All(character => character is > ' ' and <= '~')
            ? token
            : throw new UsageException("The token holds characters that no token has.");
    }
}

/// <summary>One command's dealings with the server.</summary>
/// <param name="Client">The server.</param>
/// <param name="Terminal">The world around.</param>
/// <param name="Json">Whether the server's JSON is wanted instead of text.</param>
internal sealed record ClientSession(ServerClient Client, Terminal Terminal, bool Json)
{
    /// <summary>Prints the JSON when it is wanted, and says whether it was.</summary>
    public bool PrintedJson<T>(T json)
    {
        if (Json)
        {
            Terminal.Out.WriteLine(JsonReading.Pretty(json));
        }

        return Json;
    }

    /// <summary>Prints a line for people; nothing when JSON is wanted.</summary>
    public void Say(string line)
    {
        if (!Json)
        {
            Terminal.Out.WriteLine(PlainText.OneLine(line));
        }
    }
}
