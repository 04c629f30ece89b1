using System.Text.Json;
using Tributary.Engine.Connectors;

namespace Tributary.Engine.Tests.Connectors;

public class SecretMaskTests
{
    [Fact]
    public void Masks_become_what_they_stand_for_at_any_depth()
    {
        var unmasked = SecretMask.Unmask(
            JsonElement.Parse("""{"a":{"key":"****","kept":1},"list":["****","new"],"b":"****"}"""),
            JsonElement.Parse("""{"a":{"key":"first","kept":2},"list":["second","third"],"c":"fourth"}"""),
            JsonElement.Parse("""{"a":{"key":"****","kept":2},"list":["****","****"],"c":"****"}""")
        );

        unmasked.Value.GetRawText().ShouldBe("""{"a":{"key":"first","kept":1},"list":["second","new"],"b":"****"}""");
        unmasked.UsesStored.ShouldBeTrue();
    }

    [Fact]
    public void Values_sent_as_they_are_use_nothing_that_is_stored()
    {
        var sent = JsonElement.Parse("""{"key":"new","open":"same"}""");

        var unmasked = SecretMask.Unmask(
            sent,
            JsonElement.Parse("""{"key":"old","open":"same"}"""),
            JsonElement.Parse("""{"key":"****","open":"same"}""")
        );

        unmasked.Value.GetRawText().ShouldBe(sent.GetRawText());
        unmasked.UsesStored.ShouldBeFalse();
    }

    [Fact]
    public void What_looks_masked_and_is_not_is_found_by_its_path() =>
        SecretMask
            .FindMasked(
                JsonElement.Parse("""{"a":"abcd...wxyz","b":{"c":["••••••••••••","a real secret"]},"d":"a...b"}""")
            )
            .Select(problem => string.Join('.', problem.Path))
            .ShouldBe(["a", "b.c.0"]);
}
