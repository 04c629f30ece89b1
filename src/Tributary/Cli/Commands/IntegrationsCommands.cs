using System.CommandLine;
using System.Text.Json;

namespace Tributary.Cli.Commands;

/// <summary><c>tributary integrations …</c>.</summary>
internal static class IntegrationsCommands
{
    /// <summary>Makes the group.</summary>
    public static Command Create(Terminal terminal)
    {
        var group = new DocumentedCommand(
            "integrations",
            "See what can be connected, and what each wants to know.",
            "tributary integrations list",
            "tributary integrations show web"
        );
        var options = new ClientOptions(group, terminal);
        group.Add(List(options));
        group.Add(Show(options));
        return group;
    }

    private static DocumentedCommand List(ClientOptions options)
    {
        var command = new DocumentedCommand("list", "List the catalogue.", "tributary integrations list");
        options.Handle(
            command,
            async (session, _, cancellationToken) =>
            {
                var answer = await session.Client.GetAsync("v1/integrations", cancellationToken);
                if (session.PrintedJson(answer))
                {
                    return ExitCode.Ok;
                }

                Tables.Write(
                    session.Terminal,
                    ["TYPE", "NAME", "CATEGORY", "CREDENTIALS", "WHAT ONE GETS"],
                    answer
                        .Member("items")
                        .Items()
                        .Select(item =>
                            (IReadOnlyList<string>)
                                [
                                    item.Text("slug"),
                                    item.Text("name"),
                                    item.Text("category"),
                                    string.Join(
                                        ", ",
                                        item.Member("auth_kinds").Items().Select(kind => kind.ToString())
                                    ),
                                    item.Text("description"),
                                ]
                        )
                );
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static DocumentedCommand Show(ClientOptions options)
    {
        var slug = new Argument<string>("type") { Description = "The integration's slug." };
        var command = new DocumentedCommand(
            "show",
            "Show an integration's settings and credentials.",
            "tributary integrations show github"
        )
        {
            slug,
        };
        options.Handle(
            command,
            async (session, parsed, cancellationToken) =>
            {
                var path = $"v1/integrations/{Uri.EscapeDataString(parsed.GetRequiredValue(slug))}";
                var answer = await session.Client.GetAsync(path, cancellationToken);
                if (session.PrintedJson(answer))
                {
                    return ExitCode.Ok;
                }

                session.Say($"{answer.Text("name")} ({answer.Text("slug")})");
                session.Say(answer.Text("description"));
                WriteSchema(session, "Settings (--config, --set)", answer.Member("config_schema"));
                WriteSchema(session, "Credentials (--credentials)", answer.Member("credentials_schema"));
                foreach (var line in answer.Text("documentation").Split('\n'))
                {
                    session.Say(line);
                }

                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static void WriteSchema(ClientSession session, string title, JsonElement schema)
    {
        var members = schema.Member("properties");
        session.Say("");
        if (members.ValueKind != JsonValueKind.Object || !members.EnumerateObject().Any())
        {
            session.Say($"{title}: none.");
            return;
        }

        session.Say($"{title}:");
        var required = schema.Member("required").Items().Select(name => name.ToString()).ToHashSet();
        Tables.Write(
            session.Terminal,
            ["MEMBER", "TYPE", "", "MEANING"],
            members
                .EnumerateObject()
                .Select(member =>
                    (IReadOnlyList<string>)
                        [
                            member.Name,
                            TypeOf(member.Value),
                            required.Contains(member.Name) ? "required"
                            : member.Value.Member("default") is var preset && preset.Exists() ? $"= {preset}"
                            : "",
                            member.Value.Text("description"),
                        ]
                )
        );
        session.Say("");
    }

    private static string TypeOf(JsonElement schema)
    {
        if (schema.Member("enum") is { ValueKind: JsonValueKind.Array } values)
        {
            return string.Join('|', values.EnumerateArray().Where(value => value.Exists()));
        }

        var type = schema.Member("type");
        var name =
            type.ValueKind == JsonValueKind.Array
                ? type.EnumerateArray().Select(item => item.ToString()).FirstOrDefault(item => item != "null") ?? ""
                : type.Text() ?? "";
        return name == "array" ? $"list of {TypeOf(schema.Member("items"))}" : name;
    }
}
