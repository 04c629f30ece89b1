using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Cli;
using Tributary.Cli.Commands;

namespace Tributary.Quickstart;

/// <summary>Shows what the server can do, over its public HTTP API alone: makes a source, waits, searches.</summary>
internal static class QuickstartTour
{
    /// <summary>Goes through it.</summary>
    /// <returns>Whether everything went well.</returns>
    public static async Task<bool> RunAsync(
        QuickstartPlan plan,
        string address,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        using var client = new ServerClient(new Uri(address), plan.Token);
        terminal.Out.WriteLine($"Tributary listens on {address} and reads {plan.Target}");
        if (plan.Allowance is { } allowance)
        {
            terminal.Out.WriteLine(allowance);
        }

        var watch = new RunWatch(client, terminal);
        var (sourceId, started) = await FindOrCreateAsync(client, plan, cancellationToken);
        var run = started.Exists
            ? await watch.WaitAsync(started, null, cancellationToken)
            : await watch.WaitForSourceAsync(sourceId, cancellationToken);
        terminal.Out.WriteLine(run.Exists ? run.Ending : "Nothing was read.");
        var isGood = run.Exists && run.IsGood;
        var query = isGood ? await FindQueryAsync(client, sourceId, cancellationToken) : null;
        if (query is not null)
        {
            terminal.Out.WriteLine();
            terminal.Out.WriteLine($"Searching for \"{query}\":");
            var answer = await client.PostAsync(
                "v1/search",
                new JsonObject { ["query"] = query, ["limit"] = 3 },
                cancellationToken
            );
            SearchCommand.Write(terminal, answer);
            isGood = answer.Member("citations").Items().Any();
        }
        else if (isGood)
        {
            terminal.Out.WriteLine("There are no documents in it to search.");
            isGood = false;
        }

        WriteNextSteps(terminal, plan, address, sourceId, query ?? "hello");
        return isGood;
    }

    /// <summary>Two telling words of the first title that has them; one when no title has two; null when none has any.</summary>
    public static string? PickQuery(IEnumerable<string> titles)
    {
        var words = titles
            .Select(title =>
                Path.GetFileNameWithoutExtension(title)
                    .Split([.. title.Where(character => !char.IsLetterOrDigit(character)).Distinct()])
                    .Where(word => word.Length >= 4 && word.All(char.IsLetter))
                    .Distinct(StringComparer.OrdinalIgnoreCase)
                    .Take(2)
                    .ToList()
            )
            .Where(pair => pair.Count > 0)
            .ToList();
        return words.Find(pair => pair.Count == 2) is { } two ? string.Join(' ', two)
            : words.Count > 0 ? words[0][0]
            : null;
    }

    /// <summary>How the program is called from where the user stands: by its name where the shell finds it, else by its path.</summary>
    public static string ProgramName(string? path, Terminal terminal)
    {
        if (path is null || FindsIn(terminal.Variable("PATH"), Path.GetDirectoryName(path)))
        {
            return "tributary";
        }

        var relative = Path.GetRelativePath(terminal.WorkingDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative)
            ? path
            : Path.Combine(".", relative);
    }

    private static bool FindsIn(string? searched, string? folder) =>
        (searched ?? "").Split(Path.PathSeparator).Any(one => Path.TrimEndingDirectorySeparator(one) == folder);

    // With the run that was started, when the source was there already.
    private static async Task<(long SourceId, RunView Started)> FindOrCreateAsync(
        ServerClient client,
        QuickstartPlan plan,
        CancellationToken cancellationToken
    )
    {
        var name = plan.Target.Length <= 200 ? plan.Target : plan.Target[^200..];
        var known = await client.ListAsync(
            $"v1/sources?type={plan.Type}&name={Uri.EscapeDataString(name)}",
            int.MaxValue,
            cancellationToken
        );
        var found = known.Find(source => source.Text("name") == name);
        if (found.Exists())
        {
            var id = found.Whole("id");
            var run = await client.PostAsync($"v1/sources/{id}/run", null, cancellationToken);
            return (id, RunView.Of(run));
        }

        var body = new JsonObject
        {
            ["name"] = name,
            ["type"] = plan.Type,
            ["config"] = plan.Config.DeepClone(),
            ["credential"] = new JsonObject { ["credentials"] = new JsonObject() },
        };
        var answer = await client.PostAsync("v1/sources/create", body, cancellationToken);
        return (answer.Whole("connector_id"), default);
    }

    private static async Task<string?> FindQueryAsync(
        ServerClient client,
        long sourceId,
        CancellationToken cancellationToken
    )
    {
        var documents = await client.ListAsync($"v1/sources/{sourceId}/documents", 50, cancellationToken);
        return PickQuery(documents.Select(document => document.Text("title")));
    }

    private static void WriteNextSteps(
        Terminal terminal,
        QuickstartPlan plan,
        string address,
        long sourceId,
        string query
    )
    {
        var body = JsonSerializer.Serialize(new { query });
        var program = ProgramName(Environment.ProcessPath, terminal);
        terminal.Out.WriteLine(
            $"""

            Address  {address}
            Token    {plan.Token}
            Sign in  {ServeCommand.AdminName}, with the token as password

            Try next:
              export {ClientOptions.ServerVariable}={address} {ClientOptions.TokenVariable}={plan.Token}
              {program} sources show {sourceId}
              {program} search {query}
              curl -s {address}/v1/search -H "Authorization: Bearer ${ClientOptions.TokenVariable}" -H "Content-Type: application/json" -d '{body}'

            """
        );
    }
}
