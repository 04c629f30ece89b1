using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tributary.Contract.Specs;

/// <summary>
/// The vendor's published description as the arbiter: every request that an integration sends, and every answer that an
/// emulator gives, has to be one that it describes.
/// </summary>
public sealed partial class SpecValidator
{
    private static readonly ConcurrentDictionary<string, SpecValidator> Cache = new();

    // Faults and proxies answer so in front of any API, whether its description says it or not.
    private static readonly int[] AnyApi = [304, 401, 429, 500, 502, 503, 504];

    private readonly string _vendor;
    private readonly List<SpecOperation> _operations = [];
    private readonly List<string> _prefixes = [""];
    private readonly JudgedBefore<(SpecOperation Operation, IReadOnlyList<Violation> Faults)?> _requests = new();
    private readonly IReadOnlyList<string> _headers;

    private SpecValidator(string vendor)
    {
        _vendor = vendor;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(SpecFolder.Path!, vendor), "*openapi*.json"))
        {
            Read(JsonDocument.Parse(File.ReadAllBytes(file)).RootElement);
        }

        _headers =
        [
            .. _operations
                .SelectMany(operation => operation.Parameters)
                .Where(parameter => parameter.GetProperty("in").GetString() == "header")
                .Select(parameter => parameter.GetProperty("name").GetString()!)
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>The validator of a folder of descriptions; null where they are not at hand (never in CI).</summary>
    public static SpecValidator? For(string vendor) =>
        SpecFolder.Path is null ? null : Cache.GetOrAdd(vendor, key => new SpecValidator(key));

    /// <summary>Every described operation, as "GET /path/{id}".</summary>
    public IEnumerable<string> Operations => _operations.Select(item => $"{item.Method} {item.Template}");

    /// <summary>What an exchange breaks; null when no operation of this vendor has its address.</summary>
    public IReadOnlyList<Violation>? Judge(Exchange exchange)
    {
        var request = _requests.Get(
            [
                exchange.Method,
                exchange.Path,
                exchange.RequestType,
                .. exchange.Query.SelectMany(pair => new[] { pair.Key, pair.Value }),
                .. _headers.Select(name => exchange.Headers.GetValueOrDefault(name)),
            ],
            exchange.RequestBody,
            () => JudgeRequest(exchange)
        );
        if (request is not (var operation, var faults))
        {
            return null;
        }

        var answer = operation.Answers.Get(
            [$"{exchange.Status}", exchange.AnswerType],
            exchange.AnswerBody,
            () => [.. JudgeAnswer(exchange, operation).Select(fault => ViolationOf(operation, fault))]
        );
        return [.. faults, .. answer];
    }

    private (SpecOperation Operation, IReadOnlyList<Violation> Faults)? JudgeRequest(Exchange exchange)
    {
        var found = _prefixes
            .Where(prefix => exchange.Path.StartsWith(prefix + "/", StringComparison.Ordinal))
            .SelectMany(prefix =>
                _operations
                    .Where(operation => operation.Method == exchange.Method)
                    .Select(operation =>
                        (operation, values: operation.Match(exchange.Path[prefix.Length..], exchange.Query))
                    )
            )
            .Where(pair => pair.values is not null)
            .OrderByDescending(pair => pair.operation.WantedQuery)
            .ThenBy(pair => pair.operation.Holes)
            // A path in the middle takes what stands behind it, if it may.
            .ThenByDescending(pair => pair.operation.Template.Length)
            .FirstOrDefault();
        return found.operation is not { } operation
            ? null
            : (
                operation,
                [.. JudgeRequest(exchange, operation, found.values!).Select(fault => ViolationOf(operation, fault))]
            );
    }

    private Violation ViolationOf(SpecOperation operation, (string Path, string Rule) fault) =>
        new(_vendor, $"{operation.Method} {operation.Template}", Index().Replace(fault.Path, "[*]"), fault.Rule);

    private void Read(JsonElement description)
    {
        var rules = new SchemaRules(description);
        foreach (
            var server in description.TryGetProperty("servers", out var servers)
                ? [.. servers.EnumerateArray()]
                : Array.Empty<JsonElement>()
        )
        {
            var path = ServerPath().Match(server.GetProperty("url").GetString()!).Groups[1].Value.TrimEnd('/');
            if (path.Length > 0 && !path.Contains('{') && !_prefixes.Contains(path))
            {
                _prefixes.Add(path);
            }
        }

        foreach (var path in description.GetProperty("paths").EnumerateObject())
        {
            foreach (var member in path.Value.EnumerateObject().Where(member => IsMethod(member.Name)))
            {
                _operations.Add(new SpecOperation(rules, path.Name, member.Name, path.Value, member.Value));
            }
        }
    }

    private static IEnumerable<(string Path, string Rule)> JudgeRequest(
        Exchange exchange,
        SpecOperation operation,
        IReadOnlyDictionary<string, string> values
    )
    {
        var rules = operation.Rules;
        var described = new HashSet<string>();
        foreach (var parameter in operation.Parameters)
        {
            var (place, name) = (parameter.GetProperty("in").GetString(), parameter.GetProperty("name").GetString()!);
            var given = place switch
            {
                "query" => QueryOf(exchange, parameter, name, described),
                "path" => values.TryGetValue(name, out var value) ? [value] : [],
                "header" => exchange.Headers.TryGetValue(name, out var value) ? [value] : [],
                _ => null,
            };
            var isRequired = parameter.TryGetProperty("required", out var required) && required.GetBoolean();
            if (given is { Count: 0 } && isRequired && name != "Authorization")
            {
                yield return ($"{place}.{name}", "is required and missing");
            }

            if (given is { Count: > 0 } && parameter.TryGetProperty("schema", out var schema))
            {
                foreach (
                    var fault in rules.Judge(
                        PlainValue.Of(given, schema, rules, parameter),
                        schema,
                        Direction.Request,
                        $"{place}.{name}"
                    )
                )
                {
                    yield return fault;
                }
            }
        }

        foreach (
            var (name, _) in exchange.Query.Where(pair =>
                !described.Contains(pair.Key) && !operation.IsWanted(pair.Key)
            )
        )
        {
            yield return ($"query.{name}", "is not described");
        }

        if (operation.Definition.TryGetProperty("requestBody", out var body))
        {
            body = rules.Resolve(body);
            foreach (
                var fault in JudgeBody(
                    exchange.RequestType,
                    exchange.RequestBody,
                    body,
                    rules,
                    Direction.Request,
                    "request"
                )
            )
            {
                yield return fault;
            }
        }
        else if (exchange.RequestBody.Length > 0 && exchange.Method != "GET")
        {
            yield return ("request", "has a body, and none is described");
        }
    }

    private static IReadOnlyList<string>? QueryOf(
        Exchange exchange,
        JsonElement parameter,
        string name,
        HashSet<string> described
    )
    {
        var isDeep = parameter.TryGetProperty("style", out var style) && style.GetString() == "deepObject";
        var given = exchange
            .Query.Where(pair =>
                pair.Key == name
                || pair.Key == name + "[]"
                || (isDeep && pair.Key.StartsWith(name + "[", StringComparison.Ordinal))
            )
            .ToList();
        described.UnionWith(given.Select(pair => pair.Key));
        return isDeep ? null : [.. given.Select(pair => pair.Value)];
    }

    private static IEnumerable<(string Path, string Rule)> JudgeAnswer(Exchange exchange, SpecOperation operation)
    {
        var rules = operation.Rules;
        var answers = operation.Definition.GetProperty("responses");
        var status = exchange.Status;
        if (
            !answers.TryGetProperty($"{status}", out var answer)
            && !answers.TryGetProperty($"{status / 100}XX", out answer)
            && !answers.TryGetProperty($"{status / 100}xx", out answer)
            && !answers.TryGetProperty("default", out answer)
        )
        {
            return AnyApi.Contains(status) ? [] : [("status", $"is {status}, which is not described")];
        }

        return JudgeBody(exchange.AnswerType, exchange.AnswerBody, rules.Resolve(answer), rules, Direction.Answer, "");
    }

    private static IEnumerable<(string Path, string Rule)> JudgeBody(
        string? type,
        byte[] bytes,
        JsonElement described,
        SchemaRules rules,
        Direction direction,
        string where
    )
    {
        if (!described.TryGetProperty("content", out var contents) || !contents.EnumerateObject().Any())
        {
            return [];
        }

        var isRequired =
            direction == Direction.Answer
            || (described.TryGetProperty("required", out var required) && required.GetBoolean());
        if (bytes.Length == 0 && !isRequired)
        {
            return [];
        }

        var media = type?.Split(';')[0].Trim().ToLowerInvariant() ?? "";
        var content = contents
            .EnumerateObject()
            .Where(item => MediaMatches(item.Name.Split(';')[0].Trim().ToLowerInvariant(), media))
            .Select(item => (JsonElement?)item.Value)
            .FirstOrDefault();
        if (content is null)
        {
            var names = string.Join(", ", contents.EnumerateObject().Select(item => item.Name));
            return [(where + "content-type", $"is '{media}', should be {names}")];
        }

        if (!content.Value.TryGetProperty("schema", out var schema))
        {
            return [];
        }

        if (media == "application/x-www-form-urlencoded")
        {
            return rules.Judge(PlainValue.OfForm(bytes, schema, rules), schema, direction, where + "$");
        }

        if (!media.EndsWith("json", StringComparison.Ordinal))
        {
            return [];
        }

        try
        {
            using var json = JsonDocument.Parse(bytes);
            return [.. rules.Judge(json.RootElement, schema, direction, where + "$")];
        }
        catch (JsonException exception)
        {
            return [(where + "$", $"is no JSON: {exception.Message}")];
        }
    }

    private static bool MediaMatches(string described, string sent) =>
        described == sent
        || described == "*/*"
        || (
            described.EndsWith("/*", StringComparison.Ordinal)
            && sent.StartsWith(described[..^1], StringComparison.Ordinal)
        );

    private static bool IsMethod(string name) => name is "get" or "post" or "put" or "patch" or "delete" or "head";

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();

    [GeneratedRegex(@"^(?:https?://[^/]+|\{[^}]+\})(/.*)?$")]
    private static partial Regex ServerPath();
}
