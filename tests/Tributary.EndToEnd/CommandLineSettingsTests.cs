using System.Reflection;
using Tributary.Engine;
using Tributary.Settings;
using Tributary.Testing;

namespace Tributary.EndToEnd;

public sealed class CommandLineSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _variables = [];
    private readonly Dictionary<string, string> _options = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_command_line_wins_over_the_environment_which_wins_over_the_file()
    {
        WriteFile(
            """{"data": "file", "durability": "normal", "max_concurrent_runs": 3, /* why */ "prune_count_limit": "5",}"""
        );
        _variables["TRIBUTARY_DATA"] = "environment";
        _variables["TRIBUTARY_MAX_CONCURRENT_RUNS"] = "4";
        _options["data"] = "option";

        var settings = Load();

        settings.Engine.DataFolder.ShouldBe("option");
        settings.Engine.MaxConcurrentRuns.ShouldBe(4);
        settings.Engine.Durability.ShouldBe("normal");
        settings.Engine.PruneCountLimit.ShouldBe(5);
        settings.Engine.PruneShareLimit.ShouldBe(0.5);
    }

    [Fact]
    public void Lists_may_be_json_lists()
    {
        WriteFile("""{"allowed_networks": ["10.0.0.0/8", "127.0.0.1/32"], "allowed_folders": "/srv/docs"}""");
        var settings = Load();
        settings.Engine.AllowedNetworks.ShouldBe("10.0.0.0/8,127.0.0.1/32");
        settings.Engine.AllowedFolders.ShouldBe("/srv/docs");
    }

    [Fact]
    public void An_empty_variable_counts_as_not_set()
    {
        _variables["TRIBUTARY_ADMIN_TOKEN"] = "";
        Load().AdminToken.ShouldBeNull();
    }

    [Theory]
    [InlineData("urls", "https://0.0.0.0:443")]
    [InlineData("urls", "127.0.0.1:8080")]
    [InlineData("urls", "http://127.0.0.1:8080/path")]
    [InlineData("urls", ";")]
    [InlineData("data", " ")]
    [InlineData("admin_token", "short")]
    [InlineData("allowed_networks", "10.0.0.0/8,everything")]
    [InlineData("allowed_networks", "10.1.2.3/33")]
    [InlineData("allowed_folders", "docs")]
    [InlineData("max_concurrent_runs", "0")]
    [InlineData("max_concurrent_runs", "many")]
    [InlineData("prune_share_limit", "1.5")]
    [InlineData("prune_count_limit", "-1")]
    [InlineData("max_upload_bytes", "2GB")]
    [InlineData("durability", "sometimes")]
    [InlineData("user_agent", "a\r\nb")]
    [InlineData("log_format", "xml")]
    [InlineData("log_level", "loud")]
    public void A_bad_value_names_its_setting(string setting, string value)
    {
        var name = "TRIBUTARY_" + setting.ToUpperInvariant();
        _variables[name] = value;
        Should.Throw<SettingsException>(Load).Problems.ShouldHaveSingleItem().ShouldStartWith($"{name}: ");
    }

    [Fact]
    public void Every_mistake_is_told_at_once_and_names_where_it_came_from()
    {
        WriteFile("""{"durability": "never", "dataa": "x", "urls": {}}""");
        _variables["TRIBUTARY_LOG_FORMAT"] = "xml";
        _options["max_concurrent_runs"] = "x";
        var problems = Should.Throw<SettingsException>(Load).Problems;
        problems.Count.ShouldBe(5);
        problems.ShouldContain(problem => problem.StartsWith("durability in tributary.json"));
        problems.ShouldContain(problem => problem.StartsWith("dataa in ") && problem.Contains("no such setting"));
        problems.ShouldContain(problem => problem.StartsWith("urls in "));
        problems.ShouldContain(problem => problem.StartsWith("TRIBUTARY_LOG_FORMAT"));
        problems.ShouldContain(problem => problem.StartsWith("--max-concurrent-runs"));
    }

    [Fact]
    public void A_wrong_admin_token_is_not_repeated()
    {
        _variables["TRIBUTARY_ADMIN_TOKEN"] = "has a space in it, sadly";
        Should.Throw<SettingsException>(Load).Message.ShouldNotContain("sadly");
    }

    [Fact]
    public void A_settings_file_that_was_named_must_exist() =>
        Should
            .Throw<SettingsException>(() => SettingsLoader.Load(_folder.Path, "missing.json", _ => null, _options))
            .Message.ShouldContain("missing.json cannot be read");

    [Fact]
    public void Every_option_of_the_engine_can_be_set()
    {
        foreach (var property in typeof(EngineOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = property.Name == nameof(EngineOptions.DataFolder) ? "data" : SnakeCase(property.Name);
            Setting.All.ShouldContain(setting => setting.Name == name, $"{property.Name} has no entry in Setting.All");
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://localhost:0", true)]
    [InlineData("http://[::1]:80", true)]
    [InlineData("http://0.0.0.0:8080", false)]
    [InlineData("http://*:8080", false)]
    [InlineData("http://tributary.internal:8080", false)]
    public void Knows_which_addresses_only_this_machine_reaches(string url, bool isLoopback) =>
        ListenAddress.Parse(url).IsLoopback.ShouldBe(isLoopback);

    [Fact]
    public async Task A_bad_setting_ends_the_process_with_2()
    {
        var result = await CommandLineResult.OfAsync(
            ["serve"],
            new Dictionary<string, string> { ["TRIBUTARY_MAX_CONCURRENT_RUNS"] = "lots" },
            workingDirectory: _folder.Path
        );
        result.ExitCode.ShouldBe(2);
        result.Error.ShouldBe(
            "tributary: TRIBUTARY_MAX_CONCURRENT_RUNS: \"lots\" is not a whole number from 1 to 10000.\n"
        );
    }

    private ServerSettings Load() =>
        SettingsLoader.Load(_folder.Path, null, name => _variables.GetValueOrDefault(name), _options);

    private void WriteFile(string json) => File.WriteAllText(_folder[SettingsLoader.DefaultFile], json);

    private static string SnakeCase(string name) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
