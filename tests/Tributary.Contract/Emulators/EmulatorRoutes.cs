using System.Text.RegularExpressions;

namespace Tributary.Contract.Emulators;

/// <summary>What an emulator answers where.</summary>
public sealed class EmulatorRoutes
{
    private readonly List<(
        string Method,
        Regex Pattern,
        string[] Names,
        Func<EmulatorCall, EmulatorAnswer> Answer
    )> _routes = [];

    /// <summary>Answers a GET, e.g. of <c>/t/{id}.json</c>; <c>{path*}</c> takes slashes, too. The first that fits wins.</summary>
    public void Get(string template, Func<EmulatorCall, EmulatorAnswer> answer) => Add("GET", template, answer);

    /// <summary>Answers a POST.</summary>
    public void Post(string template, Func<EmulatorCall, EmulatorAnswer> answer) => Add("POST", template, answer);

    /// <summary>Answers any method.</summary>
    public void Add(string method, string template, Func<EmulatorCall, EmulatorAnswer> answer)
    {
        var parts = Regex.Split(template, @"\{([^{}]+)\}");
        var pattern = string.Concat(
            parts.Select(
                (part, index) =>
                    index % 2 == 0 ? Regex.Escape(part)
                    : part.EndsWith('*') ? "(.+)"
                    : "([^/]+?)"
            )
        );
        var names = parts.Where((_, index) => index % 2 == 1).Select(name => name.TrimEnd('*')).ToArray();
        _routes.Add((method, new Regex($"^{pattern}$"), names, answer));
    }

    internal (IReadOnlyDictionary<string, string> Values, Func<EmulatorCall, EmulatorAnswer> Answer)? Find(
        string method,
        string path
    )
    {
        foreach (var route in _routes.Where(route => route.Method == method))
        {
            if (route.Pattern.Match(path) is { Success: true } match)
            {
                return (
                    route
                        .Names.Select(
                            (name, index) => (name, value: Uri.UnescapeDataString(match.Groups[index + 1].Value))
                        )
                        .ToDictionary(pair => pair.name, pair => pair.value),
                    route.Answer
                );
            }
        }

        return null;
    }
}
