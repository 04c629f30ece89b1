using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using SQLitePCL;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <summary>Brings a database to this version's schema: numbered files, each applied once, in one transaction, and never changed afterwards.</summary>
internal static class Migrator
{
    public static void Apply(SqliteSession session)
    {
        session.Execute("BEGIN IMMEDIATE");
        try
        {
            session.Execute(
                "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)"
            );
            var applied = Applied(session);
            var known = Known();
            if (applied.Keys.LastOrDefault() > known[^1].Number)
            {
                throw new StoreException(
                    $"The database is of a newer version (migration {applied.Keys.Last()}; this version knows {known[^1].Number}). Start the newer version, or restore a backup made by this one."
                );
            }

            foreach (var (number, name, sql) in known)
            {
                var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
                if (!applied.TryGetValue(number, out var stored))
                {
                    Run(session, sql);
                    session
                        .Prepare("INSERT INTO migrations VALUES (?, ?, ?)")
                        .Add(number)
                        .Add(name)
                        .Add(checksum)
                        .Run();
                }
                else if (stored != checksum)
                {
                    throw new StoreException(
                        $"Migration {name} is not the one that made this database. Restore the file, or the program that fits it."
                    );
                }
            }

            session.Execute("COMMIT");
        }
        catch
        {
            session.Execute("ROLLBACK");
            throw;
        }
    }

    private static SortedDictionary<long, string> Applied(SqliteSession session)
    {
        var applied = new SortedDictionary<long, string>();
        var rows = session.Prepare("SELECT number, checksum FROM migrations ORDER BY number");
        while (rows.Step())
        {
            applied.Add(rows.Int64(0), rows.Text(1)!);
        }

        return applied;
    }

    private static List<(long Number, string Name, string Sql)> Known()
    {
        var assembly = Assembly.GetExecutingAssembly();
        const string Folder = ".Migrations.";
        return
        [
            .. assembly
                .GetManifestResourceNames()
                .Where(resource => resource.Contains(Folder, StringComparison.Ordinal))
                .Select(resource =>
                {
                    var name = resource[(resource.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..];
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                    return (long.Parse(name[..4], CultureInfo.InvariantCulture), name, reader.ReadToEnd());
                })
                .OrderBy(migration => migration.Item1),
        ];
    }

    private static void Run(SqliteSession session, string sql)
    {
        var result = raw.sqlite3_exec(session.Connection.Handle!, sql, out var message);
        if (result != raw.SQLITE_OK)
        {
            throw new SqliteStoreException(result, message, "migration");
        }
    }
}
