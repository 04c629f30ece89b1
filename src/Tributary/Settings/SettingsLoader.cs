using System.Text.Json;

namespace Tributary.Settings;

/// <summary>Puts settings together: the command line wins over the environment, which wins over the file.</summary>
internal static class SettingsLoader
{
    /// <summary>The file that is read when it lies in the working directory.</summary>
    public const string DefaultFile = "tributary.json";

    /// <summary>Loads.</summary>
    /// <param name="workingDirectory">Where <see cref="DefaultFile"/> is looked for.</param>
    /// <param name="configFile">A file that must exist; null for the default one, which need not.</param>
    /// <param name="variable">The environment.</param>
    /// <param name="options">What the command line says, by <see cref="Setting.Name"/>.</param>
    /// <exception cref="SettingsException">Names every setting that is wrong.</exception>
    public static ServerSettings Load(
        string workingDirectory,
        string? configFile,
        Func<string, string?> variable,
        IReadOnlyDictionary<string, string> options
    )
    {
        var problems = new List<string>();
        var file = ReadFile(workingDirectory, configFile, problems);
        var settings = new ServerSettings();
        foreach (var setting in Setting.All)
        {
            var (text, from) =
                options.TryGetValue(setting.Name, out var option) ? (option, setting.Option)
                : variable(setting.Variable) is { Length: > 0 } value ? (value, setting.Variable)
                : file.TryGetValue(setting.Name, out var member)
                    ? (member, $"{setting.Name} in {configFile ?? DefaultFile}")
                : (null, "");
            if (text is null)
            {
                continue;
            }

            try
            {
                setting.Apply(settings, text);
                settings.Given.Add(setting.Name);
            }
            catch (FormatException exception)
            {
                problems.Add($"{from}: {exception.Message}");
            }
        }

        return problems.Count == 0 ? settings : throw new SettingsException(problems);
    }

    private static Dictionary<string, string> ReadFile(
        string workingDirectory,
        string? configFile,
        List<string> problems
    )
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        var path = Path.Combine(workingDirectory, configFile ?? DefaultFile);
        if (configFile is null && !File.Exists(path))
        {
            return members;
        }

        try
        {
            using var json = JsonDocument.Parse(
                File.ReadAllBytes(path),
                new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
            );
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new SettingsException([$"{path}: it must be a JSON object, as {{\"data\": \"./data\"}}."]);
            }

            foreach (var property in json.RootElement.EnumerateObject())
            {
                Read(property, path, members, problems);
            }
        }
        catch (JsonException exception)
        {
            problems.Add($"{path}: it is not valid JSON: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problems.Add($"--config: {path} cannot be read: {exception.Message}");
        }

        return members;
    }

    private static void Read(
        JsonProperty property,
        string path,
        Dictionary<string, string> members,
        List<string> problems
    )
    {
        var value = property.Value;
        if (Setting.All.All(setting => setting.Name != property.Name))
        {
            problems.Add(
                $"{property.Name} in {path}: there is no such setting; there are {string.Join(", ", Setting.All.Select(setting => setting.Name))}."
            );
        }
        else if (value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
        {
            members[property.Name] = value.ToString();
        }
        else if (
            value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
        )
        {
            members[property.Name] = string.Join(',', value.EnumerateArray().Select(item => item.GetString()));
        }
        else if (value.ValueKind != JsonValueKind.Null)
        {
            problems.Add($"{property.Name} in {path}: write a text, a number, or a list of texts.");
        }
    }
}

/// <summary>Settings are wrong; the server does not start.</summary>
internal sealed class SettingsException(IReadOnlyList<string> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>Each names the setting and says what would be right.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
