using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>Secrets that are planted everywhere they can be, and looked for everywhere they may not be.</summary>
public sealed class PlantedSecretsTests : IAsyncDisposable
{
    private const string AdminToken = "trb_planted_0admin_token_q7w";
    private const string HeaderValue = "planted_1header_value_e5r";
    private const string Cookie = "planted_2cookie_value_t4y";
    private const string BasicPassword = "planted_3basic_password_u8i";
    private const string WikiPassword = "planted_4wiki_password_o2p";
    private const string RefusedPassword = "planted_5refused_password_a9s";
    private const string FilePassword = "planted_6file_password_d3f";
    private const string UserPassword = "planted_7user_password_g6h";
    private const string WrongPassword = "planted_8wrong_password_j1k";
    private const string MisspelledHeader = "planted_9broken\nheader_l0z";
    private const string WrongToken = "trb_planted_10wrong_token_x8c";

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _secrets =
    [
        AdminToken,
        HeaderValue,
        Cookie,
        BasicPassword,
        WikiPassword,
        RefusedPassword,
        FilePassword,
        UserPassword,
        WrongPassword,
        "planted_9broken",
        WrongToken,
    ];
    private readonly StringBuilder _said = new();
    private LoopbackServer _site = null!;
    private TributaryProcess? _server;
    private volatile int _status = 200;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_site is not null)
        {
            await _site.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Are_found_nowhere_in_the_clear()
    {
        _site = await LoopbackServer.StartAsync(AnswerAsync);
        var server = await ServeAsync("simple");
        var sources = await PlantAsync(server);

        // Runs that succeed, that are refused, and that break; then a crash and another life.
        foreach (var status in (int[])[200, 401, 404])
        {
            _status = status;
            await RunAsync(server, sources);
        }

        await LookAroundAsync(server);
        LookIntoFiles();
        await server.KillAsync();
        LookIntoFiles();
        await EndAsync(server);

        server = await ServeAsync("json");
        _status = 200;
        await RunAsync(server, sources);
        await LookAroundAsync(server);
        await server.TerminateAsync();
        LookIntoFiles();
        await EndAsync(server);

        ShouldHoldNone("what the server says", Encoding.UTF8.GetBytes(_said.ToString()));
        _said.Length.ShouldBeGreaterThan(1_000, "Without a log this would show nothing.");
    }

    [Fact]
    public void Are_found_when_they_are_there()
    {
        foreach (
            var hidden in (byte[][])
                [
                    Encoding.UTF8.GetBytes($"…{Cookie}…"),
                    Encoding.Unicode.GetBytes($"…{Cookie}…"),
                    Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes($"anna:{Cookie}"))),
                    Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes($"ann:{Cookie}!"))),
                    Encoding.UTF8.GetBytes(Convert.ToHexString(Encoding.UTF8.GetBytes(Cookie))),
                ]
        )
        {
            Should.Throw<ShouldAssertException>(() => ShouldHoldNone("test", hidden));
        }
    }

    private async Task<TributaryProcess> ServeAsync(string logFormat) =>
        _server = await TributaryProcess.ServeAsync(
            new Dictionary<string, string>
            {
                ["TRIBUTARY_ADMIN_TOKEN"] = AdminToken,
                ["TRIBUTARY_ALLOWED_NETWORKS"] = "127.0.0.0/8",
                ["TRIBUTARY_LOG_LEVEL"] = "debug",
                ["TRIBUTARY_LOG_FORMAT"] = logFormat,
            },
            _folder["data"]
        );

    private async Task EndAsync(TributaryProcess server)
    {
        _said.Append(server.Output).Append(server.Error);
        _server = null;
        await server.DisposeAsync();
    }

    /// <summary>Sources with credentials of every kind, people, tokens and sessions.</summary>
    private async Task<List<long>> PlantAsync(TributaryProcess server)
    {
        using var client = new TributaryClient(server, AdminToken);
        var page = new { base_url = $"{_site.BaseUri}page", web_connector_type = "single" };
        var sources = new List<long>
        {
            await client.CreateAsync(
                "Header",
                "web",
                page,
                new { header_name = "X-Api-Key", header_value = HeaderValue }
            ),
            await client.CreateAsync("Cookie", "web", page, new { cookie = $"session={Cookie}" }),
            await client.CreateAsync("Basic", "web", page, new { username = "anna", password = BasicPassword }),
            await client.CreateAsync(
                "Wiki",
                "mediawiki",
                new { hostname = $"{_site.BaseUri}w/api.php" },
                new { username = "Anna@bot", password = WikiPassword }
            ),
        };
        var refused = await client.SendAsync(
            HttpMethod.Post,
            "/v1/sources/create",
            Source(
                "Refused",
                "mediawiki",
                new { hostname = $"{_site.BaseUri}w/api.php" },
                new { username = "Anna@bot", password = RefusedPassword }
            )
        );
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        Heard("a refusal", refused.Body);
        var broken = await client.SendAsync(
            HttpMethod.Post,
            "/v1/sources/create",
            Source("Broken", "web", page, new { header_name = "X-Api-Key", header_value = MisspelledHeader })
        );
        broken.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        Heard("a complaint", broken.Body);

        using (
            var form = new MultipartFormDataContent
            {
                { new StringContent("Text about lighthouses."), "files", "a.txt" },
            }
        )
        {
            using var uploaded = await client.Http.PostAsync("/v1/files", form);
            var id = JsonDocument
                .Parse(await uploaded.Content.ReadAsStringAsync())
                .RootElement.GetProperty("file_paths")[0]
                .GetString();
            sources.Add(
                await client.CreateAsync(
                    "File",
                    "file",
                    new { file_locations = new[] { id } },
                    new { pdf_password = FilePassword }
                )
            );
        }

        await client.PostAsync("/v1/collections/create", new { name = "All", sources });
        await client.PostAsync(
            "/v1/users",
            new
            {
                email = "ben@example.com",
                password = UserPassword,
                role = "reader",
            }
        );
        var token = await client.PostAsync("/v1/tokens", new { name = "program", role = "reader" });
        _secrets.Add(token.GetProperty("token").GetString()!);
        var key = await client.PostAsync("/admin/api-key", new { name = "key", role = "basic" });
        _secrets.Add(key.GetProperty("api_key").GetString()!);

        _secrets.Add(await LogInAsync(server, "ben@example.com", UserPassword, HttpStatusCode.NoContent));
        await LogInAsync(server, "ben@example.com", WrongPassword, HttpStatusCode.BadRequest);
        using var wrong = new TributaryClient(server, WrongToken);
        (await wrong.SendAsync(HttpMethod.Get, "/v1/me")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var source in sources)
        {
            await client.SettledAsync(source);
        }

        // Changed, and changed in part.
        var changed = await client.SendAsync(
            HttpMethod.Patch,
            $"/v1/sources/{sources[2]}",
            new { credential = new { credentials = new { username = "anna", password = BasicPassword } } }
        );
        changed.Status.ShouldBe(HttpStatusCode.OK);
        Heard("a change", changed.Body);
        return sources;
    }

    private static object Source(string name, string type, object config, object credentials) =>
        new
        {
            name,
            type,
            config,
            credential = new { credentials },
        };

    private static async Task<string> LogInAsync(
        TributaryProcess server,
        string name,
        string password,
        HttpStatusCode expected
    )
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        using var answer = await http.PostAsync(
            $"{server.Address}/auth/login",
            new FormUrlEncodedContent([new("username", name), new("password", password)])
        );
        answer.StatusCode.ShouldBe(expected);
        return answer.Headers.TryGetValues("Set-Cookie", out var cookies)
            ? cookies.Single().Split(';')[0].Split('=', 2)[1]
            : "";
    }

    private async Task RunAsync(TributaryProcess server, List<long> sources)
    {
        using var client = new TributaryClient(server, AdminToken);
        foreach (var source in sources)
        {
            await client.RunAsync(source, "run");
        }
    }

    /// <summary>Every GET of the description, with the ids that there are.</summary>
    private async Task LookAroundAsync(TributaryProcess server)
    {
        using var client = new TributaryClient(server, AdminToken);
        using var description = JsonDocument.Parse(await client.Http.GetStringAsync("/openapi/clarm.json"));
        var answered = 0;
        foreach (var path in description.RootElement.GetProperty("paths").EnumerateObject())
        {
            if (!path.Value.TryGetProperty("get", out _))
            {
                continue;
            }

            for (var id = 1; id <= (path.Name.Contains('{') ? 8 : 1); id++)
            {
                var address = System.Text.RegularExpressions.Regex.Replace(path.Name, @"\{[^}]*\}", $"{id}");
                using var answer = await client.Http.GetAsync(address);
                ((int)answer.StatusCode).ShouldBeLessThan(500, address);
                answered += answer.IsSuccessStatusCode ? 1 : 0;
                ShouldHoldNone(
                    address,
                    [
                        .. await answer.Content.ReadAsByteArrayAsync(),
                        .. Encoding.UTF8.GetBytes($"{answer.Headers}{answer.Content.Headers}"),
                    ]
                );
            }
        }

        answered.ShouldBeGreaterThan(40);
        foreach (var address in (string[])["/metrics", "/health/ready", "/openapi/clarm.json"])
        {
            ShouldHoldNone(address, await client.Http.GetByteArrayAsync(address));
        }
    }

    private void LookIntoFiles()
    {
        var files = Directory
            .EnumerateFiles(_folder["data"], "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is not ("keys.json" or ".lock"))
            .ToList();
        files.ShouldContain(file => file.EndsWith("tributary.db", StringComparison.Ordinal));
        foreach (var file in files)
        {
            using var stream = new FileStream(
                file,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            ShouldHoldNone(file, copy.ToArray());
        }
    }

    private void Heard(string what, JsonElement answer) =>
        ShouldHoldNone(what, Encoding.UTF8.GetBytes(answer.GetRawText()));

    private void ShouldHoldNone(string where, byte[] bytes)
    {
        foreach (var secret in _secrets)
        {
            foreach (var form in Forms(secret))
            {
                bytes.AsSpan().IndexOf(form).ShouldBe(-1, $"{where} holds {secret} as {Encoding.UTF8.GetString(form)}");
            }
        }
    }

    /// <summary>As it is, in two bytes a letter, in hexadecimal, and in Base64 wherever it may begin.</summary>
    private static IEnumerable<byte[]> Forms(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return bytes;
        yield return Encoding.Unicode.GetBytes(secret);
        yield return Encoding.UTF8.GetBytes(Convert.ToHexString(bytes));
        yield return Encoding.UTF8.GetBytes(Convert.ToHexStringLower(bytes));
        for (var offset = 0; offset < 3; offset++)
        {
            // Whole groups of three bytes that hold nothing but the secret.
            var start = (3 - offset) % 3;
            var length = (bytes.Length - start) / 3 * 3;
            yield return Encoding.UTF8.GetBytes(Convert.ToBase64String(bytes, start, length));
        }
    }

    /// <summary>A page that wants nothing and tells nothing, and the little of a wiki that a reader asks for.</summary>
    private async Task AnswerAsync(HttpContext context)
    {
        var response = context.Response;
        if (context.Request.Path.StartsWithSegments("/w"))
        {
            var asked = context.Request.QueryString.ToString();
            if (context.Request.HasFormContentType)
            {
                var form = await context.Request.ReadFormAsync();
                asked += string.Join('&', form.Select(pair => $"{pair.Key}={pair.Value}"));
            }

            response.ContentType = "application/json";
            response.StatusCode = _status == 404 ? 404 : 200;
            await response.WriteAsync(
                _status == 401 ? """{"error":{"code":"readapidenied","info":"You need read permission."}}"""
                : asked.Contains("action=login") && asked.Contains(RefusedPassword)
                    ? """{"login":{"result":"Failed","reason":"Incorrect password."}}"""
                : asked.Contains("action=login") ? """{"login":{"result":"Success"}}"""
                : asked.Contains("meta=tokens")
                    ? """{"batchcomplete":true,"query":{"tokens":{"logintoken":"abc+\\"}}}"""
                : asked.Contains("siteinfo")
                    ? """{"batchcomplete":true,"query":{"general":{"sitename":"Wiki","generator":"MediaWiki 1.43.1","lang":"en","case":"first-letter","server":"http://127.0.0.1","articlepath":"/wiki/$1","time":"2025-01-15T08:00:00Z"},"namespaces":{"0":{"id":0,"name":"","content":true}}}}"""
                : """{"batchcomplete":true,"query":{"pages":[{"pageid":1,"ns":0,"title":"Page","lastrevid":1,"length":10,"fullurl":"http://127.0.0.1/wiki/Page","pagelanguage":"en","revisions":[{"revid":1,"timestamp":"2025-01-15T08:00:00Z","user":"Anna"}]}],"logevents":[]},"parse":{"text":"<p>A wiki about lighthouses.</p>","revid":1,"categories":[]}}"""
            );
            return;
        }

        response.StatusCode = context.Request.Path == "/robots.txt" ? 404 : _status;
        response.ContentType = "text/html";
        await response.WriteAsync(
            "<html><head><title>Page</title></head><body><main><p>A page about lighthouses.</p></main></body></html>"
        );
    }
}
