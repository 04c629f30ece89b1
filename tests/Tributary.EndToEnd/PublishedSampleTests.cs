using System.Net;
using System.Text;
using System.Text.Json;

namespace Tributary.EndToEnd;

public class PublishedSampleTests
{
    private const string Sample = """
        {
          "name": "<string>",
          "type": "ingestion_api",
          "config": {
            "base_url": "<string>",
            "web_connector_type": "recursive",
            "mintlify_cleanup": false,
            "scroll_before_scraping": true
          },
          "credential": {
            "credentials": {
              "slack_bot_token": "<string>"
            }
          },
          "refresh_freq": 123,
          "prune_freq": 123
        }
        """;

    [Fact]
    public async Task The_published_request_works_verbatim_with_bearer_and_with_cookie()
    {
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        using var client = new TributaryClient(server);
        var answer = await client.Http.PostAsync(
            "/v1/sources/create",
            new StringContent(Sample, Encoding.UTF8, "application/json")
        );

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        body.EnumerateObject()
            .Select(member => member.Name)
            .ShouldBe(["connector_id", "credential_id", "status", "message"]);
        body.GetProperty("status").GetString().ShouldBe("success");

        using var cookie = new HttpClient(new SocketsHttpHandler { UseCookies = false })
        {
            BaseAddress = client.Http.BaseAddress,
        };
        var login = await cookie.PostAsync(
            "/auth/login",
            new FormUrlEncodedContent([new("username", "admin@localhost"), new("password", TributaryClient.Token)])
        );
        login.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var session = login.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        session.ShouldStartWith("fastapiusersauth=");
        using var second = new HttpRequestMessage(HttpMethod.Post, "/v1/sources/create");
        second.Content = new StringContent(
            Sample.Replace("\"<string>\",\n  \"type\"", "\"another\",\n  \"type\""),
            Encoding.UTF8,
            "application/json"
        );
        second.Headers.Add("Cookie", session);
        (await cookie.SendAsync(second)).StatusCode.ShouldBe(HttpStatusCode.OK);

        using var empty = new HttpRequestMessage(HttpMethod.Post, "/v1/sources/create");
        empty.Content = new StringContent(Sample, Encoding.UTF8, "application/json");
        empty.Headers.Add("Cookie", "fastapiusersauth=");
        (await cookie.SendAsync(empty)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Every_published_type_is_known_and_those_without_a_reader_store_nothing()
    {
        await using var server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
        using var client = new TributaryClient(server);
        var types = (await client.GetAsync("/v1/sources/types")).GetProperty("items").EnumerateArray().ToList();
        types.Count.ShouldBe(51);

        foreach (var type in types.Where(type => !type.GetProperty("readable").GetBoolean()))
        {
            var name = type.GetProperty("type").GetString()!;
            var (status, body) = await client.SendAsync(
                HttpMethod.Post,
                "/v1/sources/create",
                new
                {
                    name = "x",
                    type = name,
                    config = new { },
                    credential = new { credentials = new { } },
                }
            );
            status.ShouldBe(HttpStatusCode.BadRequest);
            body.GetProperty("detail").GetString()!.ShouldContain(name);
        }

        (await client.GetAsync("/v1/sources")).GetProperty("items").GetArrayLength().ShouldBe(0);
        var (unknown, detail) = await client.SendAsync(
            HttpMethod.Post,
            "/v1/sources/create",
            new
            {
                name = "x",
                type = "SLACK",
                config = new { },
                credential = new { credentials = new { } },
            }
        );
        unknown.ShouldBe(HttpStatusCode.UnprocessableEntity);
        detail.GetProperty("detail")[0].GetProperty("type").GetString().ShouldBe("enum");
    }
}
