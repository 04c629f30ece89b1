using System.CommandLine;
using Tributary.Settings;

namespace Tributary.Cli;

/// <summary>The server's settings as options of a command; made from <see cref="Setting.All"/>.</summary>
internal sealed class ServerOptions
{
    private readonly Dictionary<string, Option<string?>> _options = [];

    private readonly Option<string?> _config = new("--config")
    {
        Description =
            $"The settings file. Else {SettingsLoader.DefaultFile} in the working directory, when there is one.",
        HelpName = "file",
    };

    /// <summary>Adds options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="settings">Which; null for all.</param>
    public ServerOptions(Command command, IReadOnlyList<string>? settings = null)
    {
        foreach (var setting in Setting.All.Where(setting => !setting.IsSecret))
        {
            if (settings?.Contains(setting.Name) ?? true)
            {
                var option = new Option<string?>(setting.Option)
                {
                    Description = $"{setting.Description} Default: {setting.Default}. Variable: {setting.Variable}.",
                    HelpName = setting.ValueName,
                };
                _options[setting.Name] = option;
                command.Add(option);
            }
        }

        command.Add(_config);
    }

    /// <summary>The settings.</summary>
    /// <exception cref="SettingsException">They are wrong.</exception>
    public ServerSettings Load(ParseResult parsed, Terminal terminal) =>
        SettingsLoader.Load(
            terminal.WorkingDirectory,
            parsed.GetValue(_config),
            terminal.Variable,
            _options
                .Select(pair => (pair.Key, Value: parsed.GetValue(pair.Value)))
                .Where(pair => pair.Value is not null)
                .ToDictionary(pair => pair.Key, pair => pair.Value!)
        );
}
