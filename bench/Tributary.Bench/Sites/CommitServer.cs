using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace Tributary.Bench.Sites;

/// <summary>
/// The baseline of writing over HTTP: bare Kestrel that commits one row to SQLite per request (WAL, synchronous=FULL, one
/// connection behind a lock). Runs in a process of its own.
/// </summary>
internal static class CommitServer
{
    public const string Announcement = "Committing at ";
    public const string Argument = "commit-server";

    /// <summary>Starts it as a child.</summary>
    public static Task<ChildProcess> StartAsync(string database) =>
        ChildProcess.StartAsync(Environment.ProcessPath!, [Argument, database], Announcement);

    /// <summary>Is it, until SIGTERM.</summary>
    public static async Task RunAsync(string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL)";
        command.ExecuteNonQuery();
        command.CommandText = "INSERT INTO rows (body) VALUES ($body) RETURNING id";
        var parameter = command.Parameters.Add("$body", SqliteType.Text);
        var door = new Lock();
        await using var site = await LoopbackSite.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            long id = 0;
            if (body.Length > 0)
            {
                lock (door)
                {
                    parameter.Value = body;
                    id = (long)command.ExecuteScalar()!;
                }
            }

            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($$"""{"id":{{id}}}""");
        });
        Console.WriteLine($"{Announcement}{site.Address}");
        await site.WaitAsync();
    }
}
