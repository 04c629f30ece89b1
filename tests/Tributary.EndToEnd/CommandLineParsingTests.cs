using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using Tributary.Cli;

namespace Tributary.EndToEnd;

public sealed class CommandLineParsingTests
{
    [Theory]
    [InlineData("90", 90)]
    [InlineData("45s", 45)]
    [InlineData("30m", 1800)]
    [InlineData("24h", 86_400)]
    [InlineData("7d", 604_800)]
    [InlineData("1h30m", 5400)]
    [InlineData("0", 0)]
    public void Reads_lengths_of_time(string text, long seconds)
    {
        Durations.TryParse(text, out var parsed).ShouldBeTrue();
        parsed.ShouldBe(seconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-5")]
    [InlineData("1.5h")]
    [InlineData("30 m")]
    [InlineData("m")]
    [InlineData("30m1h")]
    [InlineData("99999999999999999999")]
    public void Refuses_what_is_no_length_of_time(string text) => Durations.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(59, "59s")]
    [InlineData(5400, "1h 30m")]
    [InlineData(90_061, "1d 1h")]
    public void Shows_lengths_of_time(long seconds, string text) => Durations.Show(seconds).ShouldBe(text);

    [Theory]
    [InlineData("depth=3", """{"depth":"3"}""")]
    [InlineData("base_url=https://a.example/?q=1", """{"base_url":"https://a.example/?q=1"}""")]
    [InlineData("deep=true", """{"deep":true}""")]
    [InlineData("end=null", """{"end":null}""")]
    [InlineData("channels=[\"a\",\"b\"]", """{"channels":["a","b"]}""")]
    [InlineData("name=\"true\"", """{"name":"true"}""")]
    [InlineData("name=", """{"name":""}""")]
    public void Sets_one_config_member(string pair, string json)
    {
        var target = new JsonObject();
        JsonArgument.Set(target, pair);
        target.ToJsonString().ShouldBe(json);
    }

    [Fact]
    public void Help_of_every_command_has_a_description_and_an_example()
    {
        var terminal = new Terminal
        {
            Out = TextWriter.Null,
            Error = TextWriter.Null,
            In = TextReader.Null,
            Variable = _ => null,
            WorkingDirectory = "/",
        };
        foreach (var command in Below(CommandLine.BuildTree(terminal)))
        {
            var name = CommandHelp.PathOf(command);
            var documented = command.ShouldBeOfType<DocumentedCommand>(name);
            documented.Description.ShouldNotBeNullOrWhiteSpace(name);
            documented.Examples.ShouldNotBeEmpty(name);
            documented.Options.ShouldAllBe(option => !string.IsNullOrWhiteSpace(option.Description), name);
            documented.Arguments.ShouldAllBe(argument => !string.IsNullOrWhiteSpace(argument.Description), name);
        }
    }

    [Fact]
    public void Every_example_of_help_parses()
    {
        var terminal = new Terminal
        {
            Out = TextWriter.Null,
            Error = TextWriter.Null,
            In = TextReader.Null,
            Variable = _ => null,
            WorkingDirectory = "/",
        };
        var root = CommandLine.BuildTree(terminal);
        var examples = Below(root).OfType<DocumentedCommand>().SelectMany(command => command.Examples).ToList();
        examples.Count.ShouldBeGreaterThan(20);
        foreach (var example in examples)
        {
            var line = example[(example.IndexOf("tributary ", StringComparison.Ordinal) + "tributary ".Length)..];
            CommandLine
                .Parse(root, CommandLineParser.SplitCommandLine(line).ToList())
                .Errors.Select(error => error.Message)
                .ShouldBeEmpty(example);
        }
    }

    [Fact]
    public async Task Help_names_examples_and_exit_codes()
    {
        var result = await CommandLineResult.OfAsync(["sources", "create", "--help"]);
        result.ExitCode.ShouldBe(0);
        result.Out.ShouldContain("--set base_url=https://docs.example.com");
        result.Out.ShouldContain("3  no server answers at the address");
    }

    [Theory]
    [InlineData("Required command was not provided.")]
    [InlineData("sources", "sources", "lis")]
    [InlineData("--type", "sources", "create", "--name", "a")]
    [InlineData("soon", "sources", "create", "--name", "a", "--type", "web", "--refresh", "soon")]
    [InlineData("--limit", "sources", "list", "--limit", "0")]
    [InlineData("reader", "tokens", "create", "--name", "a", "--role", "king")]
    [InlineData("--server: \"nonsense\"", "sources", "list", "--server", "nonsense")]
    [InlineData("key=value", "sources", "create", "--name", "a", "--type", "web", "--set", "base_url")]
    [InlineData("must be an object", "sources", "create", "--name", "a", "--type", "web", "--config", "[1]")]
    [InlineData("is not valid", "sources", "create", "--name", "a", "--type", "web", "--config", "{")]
    [InlineData("cannot be read", "sources", "create", "--name", "a", "--type", "web", "--config", "@/does/not/exist")]
    public async Task A_wrong_command_line_ends_with_2_and_says_what_is_wrong(
        string complaint,
        params string[] arguments
    )
    {
        var result = await CommandLineResult.OfAsync(arguments);
        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain(complaint);
        result.Out.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mistake_in_credentials_does_not_repeat_them()
    {
        var result = await CommandLineResult.OfAsync(
            ["sources", "create", "--name", "a", "--type", "web", "--credentials", "-"],
            input: """{"password": "hunter2" """
        );
        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("--credentials");
        result.Error.ShouldNotContain("hunter2");
    }

    private static IEnumerable<Command> Below(Command command) =>
        command.Subcommands.Where(child => !child.Hidden).SelectMany(child => Below(child).Prepend(child));
}
