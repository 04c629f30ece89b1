using System.Text;

namespace Tributary.Contract.Specs;

public class SpecValidatorTests
{
    [Fact]
    public void Every_description_is_understood()
    {
        if (SpecFolder.Path is not { } folder)
        {
            return;
        }

        foreach (var vendor in Directory.EnumerateDirectories(folder).Where(HasDescription).Select(Path.GetFileName))
        {
            SpecValidator.For(vendor!)!.Operations.ShouldNotBeEmpty(vendor);
        }
    }

    [Theory]
    [InlineData("/latest.json", "per_page=many", "query.per_page", "should be integer")]
    [InlineData("/latest.json", "colour=red", "query.colour", "is not described")]
    [InlineData("/t/1/posts.json", "", "query.post_ids[]", "is required and missing")]
    public void A_request_that_is_not_described_is_named(string path, string query, string where, string rule)
    {
        var found = Judge(path, query, "{}");

        found.ShouldContain(violation => violation.Path == where && violation.Rule.Contains(rule));
    }

    [Fact]
    public void An_answer_that_is_not_described_is_named_with_its_place()
    {
        var found = Judge(
            "/site.json",
            "",
            """{"groups": [], "categories": [{"id": "7", "name": null, "slug": "x"}]}"""
        );

        found
            .Select(violation => (violation.Path, violation.Rule))
            .ShouldContain(("$.categories[*].read_restricted", "is required and missing"));
        found.ShouldContain(violation =>
            violation.Operation == "GET /site.json"
            && violation.Path == "$.categories[*].id"
            && violation.Rule.Contains("should be integer")
        );
        found.ShouldNotContain(violation => violation.Path.EndsWith(".name"));
    }

    [Theory]
    [InlineData(418, "application/json", "status")]
    [InlineData(200, "text/html", "content-type")]
    public void A_status_or_a_type_that_is_not_described_is_named(int status, string type, string where)
    {
        Judge("/site/basic-info.json", "", """{"title": "x"}""", status, type)
            .ShouldHaveSingleItem()
            .Path.ShouldBe(where);
    }

    [Fact]
    public void What_is_described_passes_and_other_addresses_are_nobodys()
    {
        Judge("/site/basic-info.json", "", """{"title": "x"}""").ShouldBeEmpty();
        SpecValidator.For("discourse")?.Judge(Of("/nowhere", "", "{}", 200, "application/json")).ShouldBeNull();
    }

    [Fact]
    public void Every_deviation_names_an_operation_and_a_reason()
    {
        foreach (var deviation in Deviations.All)
        {
            deviation.Reason.Length.ShouldBeGreaterThan(20, deviation.Operation);
            var operations = SpecValidator.For(deviation.Vendor)?.Operations;
            if (deviation.Path == "path")
            {
                // What the description does not have at all.
                operations?.ShouldNotContain(deviation.Operation);
            }
            else
            {
                operations?.ShouldContain(deviation.Operation);
            }
        }
    }

    private static bool HasDescription(string folder) => Directory.EnumerateFiles(folder, "*openapi*.json").Any();

    private static IReadOnlyList<Violation> Judge(
        string path,
        string query,
        string answer,
        int status = 200,
        string type = "application/json"
    )
    {
        Assert.SkipWhen(SpecFolder.Path is null, "The descriptions are not at hand.");
        return SpecValidator.For("discourse")!.Judge(Of(path, query, answer, status, type))!;
    }

    private static Exchange Of(string path, string query, string answer, int status, string type) =>
        new()
        {
            Method = "GET",
            Path = path,
            Query =
            [
                .. query
                    .Split('&', StringSplitOptions.RemoveEmptyEntries)
                    .Select(pair => KeyValuePair.Create(pair.Split('=')[0], pair.Split('=')[1])),
            ],
            Headers = new Dictionary<string, string>(),
            RequestBody = [],
            Status = status,
            AnswerType = type,
            AnswerBody = Encoding.UTF8.GetBytes(answer),
        };
}
