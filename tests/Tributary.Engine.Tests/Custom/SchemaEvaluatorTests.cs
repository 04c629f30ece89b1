using System.Text.Json;
using Tributary.Engine.Custom.Schemas;

namespace Tributary.Engine.Tests.Custom;

/// <summary>Configs are checked against schemas that somebody else wrote.</summary>
public class SchemaEvaluatorTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "1", ":string_type")]
    [InlineData("""{"type":["string","null"]}""", "null", "")]
    [InlineData("""{"type":"integer"}""", "1.0", "")]
    [InlineData("""{"type":"integer"}""", "1.5", ":int_type")]
    [InlineData("""{"required":["a","b"]}""", """{"a":1}""", "b:missing")]
    [InlineData("""{"properties":{"a":{"minimum":2}}}""", """{"a":1}""", "a:greater_than_equal")]
    [InlineData("""{"properties":{"a":true},"additionalProperties":false}""", """{"a":1,"b":2}""", "b:extra_forbidden")]
    [InlineData(
        """{"patternProperties":{"^x_":{"type":"number"}},"additionalProperties":false}""",
        """{"x_a":"1","y":2}""",
        "x_a:float_type y:extra_forbidden"
    )]
    [InlineData("""{"items":{"enum":["a","b"]}}""", """["a","c"]""", "1:enum")]
    [InlineData("""{"items":[{"type":"string"}],"additionalItems":false}""", """["a",1]""", "1:extra_forbidden")]
    [InlineData("""{"prefixItems":[{"type":"string"}],"items":{"type":"number"}}""", """["a","b"]""", "1:float_type")]
    [InlineData("""{"uniqueItems":true}""", """[{"a":1,"b":2},{"b":2,"a":1}]""", "1:unique")]
    [InlineData(
        """{"minLength":2,"maxLength":3,"pattern":"^a"}""",
        "\"b\"",
        ":string_too_short :string_pattern_mismatch"
    )]
    [InlineData("""{"maxLength":1}""", "\"\\ud83d\\ude00\"", "")]
    [InlineData("""{"multipleOf":0.1}""", "0.3", "")]
    [InlineData("""{"const":{"a":1}}""", """{"a":2}""", ":literal_error")]
    [InlineData("""{"not":{"type":"string"}}""", "\"x\"", ":not")]
    [InlineData("""{"oneOf":[{"type":"number"},{"minimum":1}]}""", "2", ":one_of")]
    [InlineData(
        """{"oneOf":[{"properties":{"kind":{"const":"a"},"x":{"type":"number"}}},{"properties":{"kind":{"const":"b"}}}]}""",
        """{"kind":"a","x":"1"}""",
        "x:float_type"
    )]
    [InlineData(
        """{"if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]},"else":{"required":["c"]}}""",
        """{"a":1}""",
        "b:missing"
    )]
    [InlineData("""{"dependencies":{"a":["b"]}}""", """{"a":1}""", "b:missing")]
    [InlineData(
        """{"definitions":{"n":{"type":"number"}},"properties":{"a":{"$ref":"#/definitions/n"}}}""",
        """{"a":"x"}""",
        "a:float_type"
    )]
    [InlineData(
        """{"properties":{"a":{"$ref":"#/definitions/expression"}}}""",
        """{"a":{"kind":"templateExpression"}}""",
        ""
    )]
    [InlineData("""{"$ref":"http://127.0.0.1/never-fetched"}""", "1", "")]
    [InlineData("false", "1", ":extra_forbidden")]
    [InlineData("""{"format":"uri"}""", "\"no uri\"", "")]
    public void Every_mistake_is_named_by_its_path(string schema, string value, string expected)
    {
        var problems = SchemaEvaluator.Check(JsonElement.Parse(schema), JsonElement.Parse(value));

        string.Join(' ', problems.Select(problem => $"{string.Join('.', problem.Path)}:{problem.Code}"))
            .ShouldBe(expected);
    }

    [Fact]
    public void A_schema_that_refers_to_itself_ends()
    {
        var schema = JsonElement.Parse("""{"$ref":"#"}""");

        SchemaEvaluator.Fits(schema, JsonElement.Parse("{}")).ShouldBeFalse();
    }

    [Fact]
    public void A_schema_that_doubles_at_each_level_ends()
    {
        var schema = JsonElement.Parse("""{"allOf":[{"$ref":"#"},{"$ref":"#"}]}""");

        SchemaEvaluator.Check(schema, JsonElement.Parse("{}")).Count.ShouldBeLessThanOrEqualTo(100);
    }

    [Fact]
    public void A_pattern_that_takes_for_ever_is_a_mistake_and_no_hang()
    {
        var schema = JsonElement.Parse("""{"pattern":"^(a+)+$"}""");
        var value = JsonSerializer.SerializeToElement(new string('a', 40) + "b");

        SchemaEvaluator.Fits(schema, value).ShouldBeFalse();
    }
}
