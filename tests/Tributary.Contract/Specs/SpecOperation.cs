using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tributary.Contract.Specs;

/// <summary>One operation of a description, made ready when it is first used.</summary>
public sealed class SpecOperation
{
    private static readonly Regex HolePattern = new(@"\{\+?([^{}]+)\}", RegexOptions.Compiled);

    private readonly Regex _pattern;
    private readonly IReadOnlyList<string> _names;
    private readonly string[] _wantedQuery;

    public SpecOperation(SchemaRules rules, string template, string method, JsonElement pathItem, JsonElement operation)
    {
        Rules = rules;
        Method = method.ToUpperInvariant();
        Template = template;
        Definition = operation;

        // Descriptions of S3 tell operations on one path apart by what the query holds.
        var parts = template.Split('#', 2);
        _wantedQuery = parts.Length > 1 ? parts[1].Split('&') : [];
        _names = [.. HolePattern.Matches(parts[0]).Select(match => match.Groups[1].Value)];
        var escaped = HolePattern.Split(parts[0]).Where((_, index) => index % 2 == 0).Select(Regex.Escape).ToList();
        // Paths of files, keys of objects and names of branches hold slashes; nothing else does.
        var pattern = escaped[0];
        for (var index = 0; index < _names.Count; index++)
        {
            var isPath = _names[index] is "Key" or "ref" || _names[index].EndsWith("path", StringComparison.Ordinal);
            pattern += (isPath ? "(.+)" : "([^/]+?)") + escaped[index + 1];
        }

        _pattern = new Regex($"^{pattern}/?$", RegexOptions.CultureInvariant);
        Parameters =
        [
            .. Listed(pathItem)
                .Concat(Listed(operation))
                .Select(rules.Resolve)
                .GroupBy(item => (item.GetProperty("in").GetString(), item.GetProperty("name").GetString()))
                .Select(group => group.Last()),
        ];
    }

    public SchemaRules Rules { get; }

    public string Method { get; }

    public string Template { get; }

    public JsonElement Definition { get; }

    public IReadOnlyList<JsonElement> Parameters { get; }

    /// <summary>What was found in answers to it.</summary>
    internal JudgedBefore<IReadOnlyList<Violation>> Answers { get; } = new();

    /// <summary>The fewer holes, the better a template fits.</summary>
    public int Holes => _names.Count;

    /// <summary>Query parameters that are part of its address.</summary>
    public int WantedQuery => _wantedQuery.Length;

    /// <summary>The values of the path; null when this is another operation's.</summary>
    public IReadOnlyDictionary<string, string>? Match(string path, IReadOnlyList<KeyValuePair<string, string>> query)
    {
        var match = _pattern.Match(path);
        var fits = match.Success && _wantedQuery.All(wanted => query.Any(pair => IsWanted(wanted, pair)));
        return !fits
            ? null
            : _names
                .Select((name, index) => (name, value: Uri.UnescapeDataString(match.Groups[index + 1].Value)))
                .DistinctBy(pair => pair.name)
                .ToDictionary(pair => pair.name, pair => pair.value);
    }

    public bool IsWanted(string name) => _wantedQuery.Any(wanted => wanted.Split('=')[0] == name);

    private static bool IsWanted(string wanted, KeyValuePair<string, string> pair) =>
        wanted.Split('=', 2) is [var name, var value] ? pair.Key == name && pair.Value == value : pair.Key == wanted;

    private static IEnumerable<JsonElement> Listed(JsonElement element) =>
        element.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : [];
}
