using System.Text.Json;

namespace Tributary.Cli;

/// <summary>The server refused a request.</summary>
internal sealed class ApiException : Exception
{
    private ApiException(int status, IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems))
    {
        Status = status;
        Problems = problems;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>One line for each mistake: <c>config.base_url: Field required</c>.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Reads an error body: <c>{"detail": "text"}</c>, or <c>{"detail": [{"loc", "msg"}]}</c>, <c>{"reason", "errorMessage"}</c>.</summary>
    public static ApiException Of(int status, string body, bool hadToken)
    {
        if (status == 401)
        {
            return new ApiException(
                status,
                [
                    hadToken
                        ? "The server does not know this token (or it has ended). Give another with TRIBUTARY_TOKEN or --token."
                        : "The server wants a token. Set TRIBUTARY_TOKEN, or give one with --token.",
                ]
            );
        }

        return new ApiException(status, [.. Read(status, body)]);
    }

    private static IEnumerable<string> Read(int status, string body)
    {
        JsonElement detail;
        try
        {
            var json = JsonSerializer.Deserialize<JsonElement>(body);
            detail = json.Member("errorMessage").Exists() ? json.Member("errorMessage") : json.Member("detail");
        }
        catch (JsonException)
        {
            detail = default;
        }

        return detail.ValueKind switch
        {
            JsonValueKind.String => [detail.Text()!],
            JsonValueKind.Array when detail.GetArrayLength() > 0 => detail.EnumerateArray().Select(ReadProblem),
            _ => [$"The server answers {status}{(status >= 500 ? ": its log says why." : " and does not say why.")}"],
        };
    }

    private static string ReadProblem(JsonElement problem)
    {
        string[] sections = ["body", "query", "path"];
        var location = problem.Member("loc").Items().Select(part => part.ToString()).ToList();
        if (location.Count > 0 && sections.Contains(location[0]))
        {
            location.RemoveAt(0);
        }

        var message = problem.Member("msg").Text() ?? "is wrong";
        return location.Count == 0 ? message : $"{string.Join('.', location)}: {message}";
    }
}
