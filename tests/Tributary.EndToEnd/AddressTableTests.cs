using System.Net;
using System.Text;
using System.Text.Json;

namespace Tributary.EndToEnd;

/// <summary>Every spelling of an address that is none of the internet's, through every way in: refused, nothing stored, nothing dialled.</summary>
public sealed class AddressTableTests(AddressScene.Closed scene) : IClassFixture<AddressScene.Closed>
{
    /// <summary>Hosts that are addresses: no name has to be resolved.</summary>
    private static readonly string[] _literals =
    [
        "127.0.0.1",
        "127.0.0.2",
        "127.1",
        "0",
        "0.0.0.0",
        "2130706433",
        "017700000001",
        "0x7f.1",
        "0x7f000001",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[2002:a9fe:a9fe::1]",
        "[::7f00:1]",
        "[2001::1]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[ff02::1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "192.0.0.192",
        "198.18.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "localhost",
        "127。0。0。1",
    ];

    /// <summary>Schemes, user names, lures, and names: refused by their form, or since nobody knows them.</summary>
    private static readonly string[] _odd =
    [
        "http://user@127.0.0.1/",
        "http://user:password@example.com/",
        "http://[fe80::1%25eth0]/",
        "http://127.0.0.1#@example.com/",
        "http://127.0.0.1\\@example.com/",
        "http://127.0.0.1%00.example.com/",
        "http://metadata.google.internal/",
        "http://metadata.azure.com/",
        "http://kubernetes.default.svc/",
        "http://host.docker.internal/",
        "http://127.0.0.1.nip.io/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://127.0.0.1/",
        "data:text/html,hello",
        "jar:http://127.0.0.1!/",
        "dict://127.0.0.1/",
        "http://127.0.0.1/\r\nHost: example.com",
        "http:///",
        "//127.0.0.1/",
        "http://localhost./",
        "http://１２７.0.0.1/",
    ];

    [Theory]
    [InlineData("recursive")]
    [InlineData("single")]
    [InlineData("sitemap")]
    public async Task No_web_site_is_read_there(string kind)
    {
        await EachIsRefusedAsync(host =>
            ("web", new { base_url = $"http://{host}:{scene.Witness.Port}/", web_connector_type = kind })
        );
    }

    [Fact]
    public async Task No_wiki_is_read_there()
    {
        await EachIsRefusedAsync(host => ("mediawiki", new { hostname = $"http://{host}:{scene.Witness.Port}/wiki" }));
        await EachIsRefusedAsync(host =>
            ("mediawiki", new { hostname = $"http://{host}:{scene.Witness.Port}/api.php" })
        );
    }

    [Fact]
    public async Task No_script_is_read_there()
    {
        await EachIsRefusedAsync(host =>
            ("mock_connector", new { mock_server_host = host.Trim('[', ']'), mock_server_port = scene.Witness.Port })
        );
    }

    [Fact]
    public async Task Nothing_is_ingested_from_there()
    {
        using var form = new MultipartFormDataContent
        {
            {
                new StringContent(
                    JsonSerializer.Serialize(
                        _literals.Select(host => new
                        {
                            name = host,
                            type = "web",
                            config = new
                            {
                                base_url = $"http://{host}:{scene.Witness.Port}/",
                                web_connector_type = "single",
                            },
                        })
                    ),
                    Encoding.UTF8
                ),
                "sources_json"
            },
        };

        using var response = await scene.Client.Http.PostAsync("/v1/sources/ingest", form);

        var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        response.StatusCode.ShouldBe(HttpStatusCode.OK, answer.GetRawText());
        answer.GetProperty("success").GetBoolean().ShouldBeFalse();
        answer.GetProperty("results").GetArrayLength().ShouldBe(_literals.Length);
        foreach (var result in answer.GetProperty("results").EnumerateArray())
        {
            result.GetProperty("success").GetBoolean().ShouldBeFalse(result.GetRawText());
            result.GetProperty("connector_id").ValueKind.ShouldBe(JsonValueKind.Null, result.GetRawText());
            result
                .GetProperty("error_message")
                .GetString()!
                .ShouldContain("TRIBUTARY_ALLOWED_NETWORKS", customMessage: result.GetRawText());
        }

        await scene.NothingCameOfItAsync();
    }

    [Fact]
    public async Task Odd_addresses_are_refused_with_what_to_do()
    {
        foreach (var address in _odd)
        {
            foreach (
                var (type, config) in new (string, object)[]
                {
                    ("web", new { base_url = address }),
                    ("mediawiki", new { hostname = address }),
                }
            )
            {
                var (status, body) = await scene.CreateAsync(type, config);
                ((int)status).ShouldBeOneOf([400, 422], $"{type} {address}: {body}");
                body.GetProperty("detail").GetRawText().Length.ShouldBeGreaterThan(40, $"{type} {address}: {body}");
            }
        }

        await scene.NothingCameOfItAsync();
    }

    private async Task EachIsRefusedAsync(Func<string, (string Type, object Config)> source)
    {
        var wrong = new List<string>();
        foreach (var host in _literals)
        {
            var (type, config) = source(host);
            var (status, body) = await scene.CreateAsync(type, config);
            if (
                status != HttpStatusCode.BadRequest
                || !body.GetProperty("detail").GetRawText().Contains("TRIBUTARY_ALLOWED_NETWORKS")
            )
            {
                wrong.Add($"{host}: {(int)status} {body}");
            }
        }

        wrong.ShouldBeEmpty();
        await scene.NothingCameOfItAsync();
    }
}
