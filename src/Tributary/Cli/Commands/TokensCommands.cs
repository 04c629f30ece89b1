using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary tokens …</c>.</summary>
internal static class TokensCommands
{
    /// <summary>Makes the group.</summary>
    public static Command Create(Terminal terminal)
    {
        var group = new DocumentedCommand(
            "tokens",
            "Make tokens for programs and people, and end them. Admins only.",
            "tributary tokens create --name dashboard --role reader"
        );
        var options = new ClientOptions(group, terminal);
        group.Add(Create(options));
        group.Add(List(options));
        group.Add(Revoke(options));
        return group;
    }

    private static DocumentedCommand Create(ClientOptions options)
    {
        var name = new Option<string>("--name")
        {
            Description = "What it is for.",
            HelpName = "text",
            Required = true,
        };
        var role = new Option<string>("--role")
        {
            Description = "What it may do: search and look, also change, also manage tokens and users.",
            HelpName = "role",
            DefaultValueFactory = _ => "reader",
        };
        role.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "reader", "editor", "admin");
        var expires = new Option<string?>("--expires")
        {
            Description = $"How long it lasts, in {Durations.Form}. Without it until it is revoked.",
            HelpName = "time",
        };
        expires.Validators.Add(result =>
        {
            if (
                result.GetValueOrDefault<string?>() is { } text
                && !(Durations.TryParse(text, out var seconds) && seconds is > 0 and < 3_200_000_000)
            )
            {
                result.AddError($"--expires: \"{text}\" is no length of time; write {Durations.Form}.");
            }
        });
        var command = new DocumentedCommand(
            "create",
            "Make a token. It is shown this once.",
            "tributary tokens create --name dashboard",
            "tributary tokens create --name importer --role editor --expires 90d"
        )
        {
            name,
            role,
            expires,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                DateTimeOffset? end =
                    parsed.GetValue(expires) is { } text && Durations.TryParse(text, out var seconds)
                        ? session.Terminal.Time.GetUtcNow().AddSeconds(seconds)
                        : null;
                var body = new JsonObject
                {
                    ["name"] = parsed.GetRequiredValue(name),
                    ["role"] = parsed.GetRequiredValue(role).ToLowerInvariant(),
                    ["expires_at"] = end?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                };
                var answer = await session.Client.PostAsync("v1/tokens", body, cancellationToken);
                if (!session.PrintedJson(answer))
                {
                    // The token alone, so that a script can take it.
                    session.Terminal.Error.WriteLine("The token; it is shown this once:");
                    session.Say(answer.Text("token"));
                }

                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static DocumentedCommand List(ClientOptions options)
    {
        var command = new DocumentedCommand("list", "List tokens, newest first.", "tributary tokens list");
        options.Handle(
            command,
            async (session, _, cancellationToken) =>
            {
                var items = await session.Client.ListAsync("v1/tokens", 1000, cancellationToken);
                if (session.PrintedJson(new { items, next_cursor = (string?)null }))
                {
                    return ExitCode.Ok;
                }

                Tables.Write(
                    session.Terminal,
                    ["ID", "NAME", "TOKEN", "ROLE", "CREATED", "EXPIRES", "LAST USED"],
                    items.Select(token =>
                        (IReadOnlyList<string>)
                            [
                                token.Text("id"),
                                token.Text("name"),
                                token.Text("display"),
                                token.Text("role"),
                                PlainText.Show(token.Time("created_at")),
                                token.Time("expires_at") is { } end ? PlainText.Show(end) : "never",
                                token.Time("last_used_at") is { } used ? PlainText.Show(used) : "never",
                            ]
                    )
                );
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static DocumentedCommand Revoke(ClientOptions options)
    {
        var token = new Argument<long>("id") { Description = "The token's id; see 'tributary tokens list'." };
        var command = new DocumentedCommand("revoke", "End a token at once.", "tributary tokens revoke 7") { token };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var id = parsed.GetRequiredValue(token);
                var answer = await session.Client.DeleteAsync($"v1/tokens/{id}", cancellationToken);
                if (!answer.Exists() || !session.PrintedJson(answer))
                {
                    session.Say($"Token {id} is revoked.");
                }

                return ExitCode.Ok;
            }
        );
        return command;
    }
}
