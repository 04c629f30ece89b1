namespace Tributary.Integrations.MicrosoftGraph;

/// <summary>Delta links, as many as a checkpoint has room for; what finds none is read from its beginning next time.</summary>
internal sealed class GraphLinks
{
    private const int MostCharacters = 40_000;
    private const int MostRetried = 40;
    private const int MostRetriedCharacters = 18_000;

    /// <summary>By a short mark of the folder or drive.</summary>
    public SortedDictionary<string, string> Known { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Links found no room.</summary>
    public bool IsFull { get; set; }

    /// <summary>What could not be read and is to be tried again by the next pass: keys of the work list, with their data.</summary>
    public SortedDictionary<string, string> Retry { get; init; } = new(StringComparer.Ordinal);

    public string? Of(string mark) => Known.GetValueOrDefault(mark);

    public void Keep(string mark, string? link)
    {
        Known.Remove(mark);
        if (link is null)
        {
            return;
        }

        if (Known.Sum(pair => pair.Key.Length + pair.Value.Length) + link.Length < MostCharacters)
        {
            Known[mark] = link;
        }
        else
        {
            IsFull = true;
        }
    }

    /// <summary>An item failed. False where too many did: then nothing is left but to read everything again.</summary>
    public bool Hold(string key, string data)
    {
        // Quotes are doubled where a text with them stands in JSON.
        var characters = Retry.Values.Append(data).Sum(text => text.Length + text.Count(letter => letter == '"'));
        if (Retry.Count < MostRetried && characters < MostRetriedCharacters)
        {
            Retry[key] = data;
            return true;
        }

        Known.Clear();
        return false;
    }
}
