using System.Globalization;

namespace Tributary.Cli;

/// <summary>Finds what people name by number or by name.</summary>
internal static class SourceLookup
{
    /// <summary>The id of a source.</summary>
    /// <exception cref="CommandException">No source or several have this name.</exception>
    public static async Task<long> FindSourceAsync(
        ServerClient client,
        string idOrName,
        CancellationToken cancellationToken
    )
    {
        if (TryParseId(idOrName, out var id))
        {
            return id;
        }

        var path = $"v1/sources?name={Uri.EscapeDataString(idOrName)}";
        var sources = await client.ListAsync(path, int.MaxValue, cancellationToken);
        var ids = sources
            .Where(source => source.Text("name") == idOrName)
            .Select(source => source.Whole("id"))
            .ToList();
        return ids.Count switch
        {
            1 => ids[0],
            0 => throw new CommandException($"There is no source named \"{idOrName}\"; see 'tributary sources list'."),
            _ => throw new CommandException(
                $"Several sources are named \"{idOrName}\": give one of the ids {string.Join(", ", ids)}."
            ),
        };
    }

    /// <summary>The id of a collection.</summary>
    /// <exception cref="CommandException">No collection has this name.</exception>
    public static async Task<long> FindCollectionAsync(
        ServerClient client,
        string idOrName,
        CancellationToken cancellationToken
    )
    {
        if (TryParseId(idOrName, out var id))
        {
            return id;
        }

        var collections = await client.ListAsync("v1/collections", int.MaxValue, cancellationToken);
        var found = collections.FirstOrDefault(collection => collection.Text("name") == idOrName);
        return found.Exists()
            ? found.Whole("id")
            : throw new CommandException(
                $"There is no collection named \"{idOrName}\"; see 'tributary collections list'."
            );
    }

    private static bool TryParseId(string text, out long id) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);
}
