using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Tributary.Sdk.Settings;

namespace Tributary.Sdk.Tests;

public class SettingsReaderTests
{
    private enum Mode
    {
        Fast,
        VerySlow,
    }

    private sealed record Inner
    {
        public required string Source { get; init; }
    }

    private sealed record Sample : IValidatable
    {
        public required string BaseUrl { get; init; }

        [Range(0, 10)]
        public int Depth { get; init; } = 3;

        public Mode Mode { get; init; }

        public bool Flag { get; init; }

        public IReadOnlyList<Inner> Rewrites { get; init; } = [];

        [Alias("old_name")]
        public string? NewName { get; init; }

        public IEnumerable<SettingsProblem> Validate()
        {
            if (NewName == "forbidden")
            {
                yield return SettingsProblem.Of("new_name", "May not be forbidden");
            }
        }
    }

    private static (Sample? Value, List<string> Problems) Read(
        string json,
        UnknownMembers unknown = UnknownMembers.Refused
    )
    {
        var problems = new List<SettingsProblem>();
        var value = SettingsReader.Read<Sample>(JsonDocument.Parse(json).RootElement, unknown, problems);
        return (value, problems.Select(problem => $"{string.Join('.', problem.Path)}:{problem.Code}").ToList());
    }

    [Fact]
    public void Names_every_mistake_with_its_path()
    {
        var (value, problems) = Read(
            """{"depth": "x", "mode": "slow", "flag": 7, "rewrites": [{"source": "a"}, {"source": 1}, {}], "more": 1}"""
        );

        value.ShouldBeNull();
        problems.ShouldBe(
            [
                "depth:int_parsing",
                "mode:enum",
                "flag:bool_type",
                "rewrites.1.source:string_type",
                "rewrites.2.source:missing",
                "more:extra_forbidden",
                "base_url:missing",
            ],
            ignoreOrder: true
        );
    }

    [Fact]
    public void Coerces_as_mildly_as_FastAPI()
    {
        var (value, problems) = Read(
            """{"base_url": "u", "depth": "4", "flag": "true", "mode": "very_slow", "old_name": "n"}"""
        );

        problems.ShouldBeEmpty();
        value.ShouldNotBeNull();
        (value.Depth, value.Flag, value.Mode, value.NewName).ShouldBe((4, true, Mode.VerySlow, "n"));
    }

    [Fact]
    public void Null_means_the_default()
    {
        var (value, _) = Read("""{"base_url": "u", "depth": null}""");

        value!.Depth.ShouldBe(3);
    }

    [Fact]
    public void Ranges_and_rules_between_members_are_checked()
    {
        Read("""{"base_url": "u", "depth": 11}""").Problems.ShouldBe(["depth:less_than_equal"]);
        Read("""{"base_url": "u", "depth": -1}""").Problems.ShouldBe(["depth:greater_than_equal"]);
        Read("""{"base_url": "u", "new_name": "forbidden"}""").Problems.ShouldBe(["new_name:value_error"]);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("3")]
    [InlineData("\"text\"")]
    public void A_value_that_is_no_object_is_one_mistake(string json)
    {
        Read(json).Problems.ShouldBe([":dict_type"]);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_a_mistake_and_not_a_crash()
    {
        Read("""{"base_url": "\ud800"}""").Problems.ShouldBe(["base_url:string_unicode"]);
    }

    [Fact]
    public void Unknown_members_are_passed_over_when_asked_to()
    {
        Read("""{"base_url": "u", "more": 1}""", UnknownMembers.Ignored).Problems.ShouldBeEmpty();
    }
}
