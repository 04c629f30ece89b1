using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tributary.Cli;

/// <summary>JSON objects on the command line: <c>{"a": 1}</c>, <c>@file</c>, <c>-</c> for standard input; and <c>key=value</c>.</summary>
internal static class JsonArgument
{
    /// <summary>Reads one.</summary>
    /// <param name="option">For messages.</param>
    /// <param name="text">What was given; null gives an empty object.</param>
    /// <param name="terminal">Where files and standard input are.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="UsageException">It is no JSON object. Never repeats it: it may hold secrets.</exception>
    public static async Task<JsonObject> ReadAsync(
        string option,
        string? text,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        if (text is null)
        {
            return [];
        }

        var from = "";
        if (text == "-")
        {
            from = " from standard input";
            text = await terminal.In.ReadToEndAsync(cancellationToken);
        }
        else if (text.StartsWith('@'))
        {
            var path = Path.Combine(terminal.WorkingDirectory, text[1..]);
            from = $" in {path}";
            text = await ReadFileAsync(option, path, cancellationToken);
        }

        try
        {
            return JsonNode.Parse(text) as JsonObject
                ?? throw new UsageException(
                    $"{option}: the JSON{from} must be an object, as {{\"base_url\": \"https://docs.example.com\"}}."
                );
        }
        catch (JsonException exception)
        {
            throw new UsageException(
                $"{option}: the JSON{from} is not valid at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}."
            );
        }
    }

    /// <summary>
    /// Puts <c>key=value</c> into an object. Lists, objects, quoted texts, true, false and null are read as JSON;
    /// everything else is text, which the server turns into numbers where it expects them.
    /// </summary>
    public static void Set(JsonObject target, string pair)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
        {
            throw new UsageException($"--set: \"{pair}\" is not of the form key=value.");
        }

        var (key, value) = (pair[..equals].Trim(), pair[(equals + 1)..]);
        var isJson = value is "true" or "false" or "null" || (value.Length > 0 && value[0] is '[' or '{' or '"');
        try
        {
            target[key] = isJson ? JsonNode.Parse(value) : JsonValue.Create(value);
        }
        catch (JsonException)
        {
            throw new UsageException($"--set: the value of {key} begins like JSON, but is not valid JSON.");
        }
    }

    private static async Task<string> ReadFileAsync(string option, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option}: {path} cannot be read: {exception.Message}");
        }
    }
}
