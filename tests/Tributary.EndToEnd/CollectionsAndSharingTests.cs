using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>What belongs together: collections, documents of two sources, pushed documents, people and their rights.</summary>
public sealed class CollectionsAndSharingTests(CollectionsAndSharingTests.Scene scene)
    : IClassFixture<CollectionsAndSharingTests.Scene>
{
    private TributaryClient Client => scene.Client;

    [Fact]
    public async Task Ingest_counts_the_good_file_and_tells_of_the_bad_one()
    {
        var (source, answer) = await IngestAsync(
            new
            {
                collection_name = "Handbook",
                sources = new object[] { File("Good", "good.txt"), File("Bad", "bad.pdf") },
            },
            ("good.txt", "A handbook of lighthouses."),
            ("bad.pdf", "%PDF-1.7\nthis is broken")
        );

        source.ShouldBe(HttpStatusCode.OK);
        answer.GetProperty("success").GetBoolean().ShouldBeFalse();
        var results = answer.GetProperty("results").EnumerateArray().ToList();
        results.Select(result => result.GetProperty("success").GetBoolean()).ShouldBe([true, false]);
        results[1].GetProperty("error_message").GetString()!.ShouldContain("bad.pdf");
        answer.GetProperty("total_documents_indexed").GetInt64().ShouldBe(1);
        answer.GetProperty("total_chunks_indexed").GetInt64().ShouldBe(1);
        var collection = answer.GetProperty("collection_id").GetInt64();
        var held = await Client.GetAsync($"/v1/collections/{collection}");
        held.GetProperty("name").GetString().ShouldBe("Handbook");
        held.GetProperty("sources")[0]
            .GetProperty("id")
            .GetInt64()
            .ShouldBe(results[0].GetProperty("connector_id").GetInt64());
        (await FoundInAsync("handbook", collection)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Collections_and_sources_outlive_each_other_and_narrow_the_search()
    {
        var first = await PushedAsync("Outlive one", "The albatross flies.");
        var second = await PushedAsync("Outlive two", "The albatross rests.");
        var made = await Client.PostAsync(
            "/v1/collections/create",
            new { name = "Birds", sources = new[] { first, second } }
        );
        var birds = made.GetProperty("id").GetInt64();
        made.GetProperty("sources")
            .EnumerateArray()
            .Select(source => source.GetProperty("id").GetInt64())
            .ShouldBe([first, second]);
        var half = (await Client.PostAsync("/v1/collections/create", new { name = "Half", sources = new[] { second } }))
            .GetProperty("id")
            .GetInt64();

        (await FoundInAsync("albatross", birds)).Count.ShouldBe(2);
        (await FoundInAsync("albatross", half)).ShouldHaveSingleItem();

        // A source goes: its collections stay, without it.
        (await Client.SendAsync(HttpMethod.Delete, $"/v1/sources/{second}")).Status.ShouldBe(HttpStatusCode.OK);
        await scene.GoneAsync(second);
        (await Client.GetAsync($"/v1/collections/{birds}"))
            .GetProperty("sources")
            .EnumerateArray()
            .Select(source => source.GetProperty("id").GetInt64())
            .ShouldBe([first]);
        (await FoundInAsync("albatross", half)).ShouldBeEmpty();

        // A collection goes: its sources stay.
        (await Client.SendAsync(HttpMethod.Delete, $"/v1/collections/{birds}")).Status.ShouldBe(HttpStatusCode.OK);
        (await Client.SendAsync(HttpMethod.Get, $"/v1/collections/{birds}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Client.SendAsync(HttpMethod.Delete, $"/v1/collections/{birds}")).Status.ShouldBe(
            HttpStatusCode.NotFound
        );
        (await Client.SearchAsync("albatross")).ShouldHaveSingleItem();

        // Who names sources that are not there hears which.
        var (status, refusal) = await Client.SendAsync(
            HttpMethod.Post,
            "/v1/collections/create",
            new { name = "Ghosts", sources = new[] { first, 987_654 } }
        );
        ((int)status).ShouldBeOneOf(400, 404);
        refusal.GetProperty("detail").GetString()!.ShouldContain("987654");
        (await Client.GetAsync("/v1/collections"))
            .GetProperty("items")
            .EnumerateArray()
            .ShouldNotContain(item => item.GetProperty("name").GetString() == "Ghosts");
    }

    [Fact]
    public async Task A_document_that_two_sources_hold_survives_one_of_them()
    {
        var page = new { base_url = $"{scene.Site.BaseUri}shared", web_connector_type = "single" };
        var first = await Client.CreateAsync("Shared one", "web", page);
        var second = await Client.CreateAsync("Shared two", "web", page);
        await Client.SettledAsync(first);
        await Client.SettledAsync(second);
        (await Client.DocumentsAsync(first)).ShouldBe(await Client.DocumentsAsync(second));
        (await Client.SearchAsync("\"shared lighthouse\"")).ShouldHaveSingleItem();

        await Client.SendAsync(HttpMethod.Delete, $"/v1/sources/{first}");
        await scene.GoneAsync(first);

        (await Client.SearchAsync("\"shared lighthouse\"")).ShouldHaveSingleItem();
        (await Client.DocumentsAsync(second)).ShouldHaveSingleItem();
        await Client.SendAsync(HttpMethod.Delete, $"/v1/sources/{second}");
        await scene.GoneAsync(second);
        (await Client.SearchAsync("\"shared lighthouse\"")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_frequency_a_source_is_read_once_and_resuming_reads_nothing()
    {
        var source = await Client.CreateAsync(
            "Once",
            "web",
            new { base_url = $"{scene.Site.BaseUri}once", web_connector_type = "single" }
        );
        await Client.SettledAsync(source);
        var requests = scene.Site.Requests.Count(request => request == "GET /once");

        await Client.PostAsync($"/v1/sources/{source}/pause");
        var (refused, why) = await Client.SendAsync(HttpMethod.Post, $"/v1/sources/{source}/run");
        refused.ShouldBe(HttpStatusCode.Conflict);
        why.GetProperty("detail").GetString()!.ShouldContain("resume");
        var resumed = await Client.PostAsync($"/v1/sources/{source}/resume");

        resumed.GetProperty("status").GetString().ShouldBe("ACTIVE");
        resumed.GetProperty("current_run").ValueKind.ShouldBe(JsonValueKind.Null);
        resumed.GetProperty("schedule").GetProperty("next_refresh_at").ValueKind.ShouldBe(JsonValueKind.Null);
        (await Client.GetAsync($"/v1/sources/{source}/runs")).GetProperty("items").GetArrayLength().ShouldBe(1);
        scene.Site.Requests.Count(request => request == "GET /once").ShouldBe(requests);
    }

    [Fact]
    public async Task Pushed_documents_are_replaced_listed_and_deleted_as_in_Onyx()
    {
        var pair = await Client.CreateAsync("Pushed", "ingestion_api", new { });
        object Document(string text) =>
            new
            {
                document = new
                {
                    id = "doc/1 ü",
                    semantic_identifier = "The first",
                    sections = new[] { new { text, link = "https://example.com/1" } },
                    metadata = new Dictionary<string, object>
                    {
                        ["team"] = "red",
                        ["tags"] = new[] { "a", "b" },
                        ["number"] = 7,
                    },
                    primary_owners = new[] { new { display_name = "Anna", email = "anna@example.com" } },
                },
                cc_pair_id = pair,
            };

        var first = await Client.PostAsync("/onyx-api/ingestion", Document("The pelican is first."));
        first.GetProperty("already_existed").GetBoolean().ShouldBeFalse();
        (await Client.SearchAsync("pelican")).ShouldHaveSingleItem();
        var second = await Client.PostAsync("/onyx-api/ingestion", Document("The cormorant is second."));
        second.GetProperty("already_existed").GetBoolean().ShouldBeTrue();
        second.GetProperty("document_id").GetString().ShouldBe(first.GetProperty("document_id").GetString());
        (await Client.SearchAsync("pelican")).ShouldBeEmpty();

        var hit = (
            await Client.PostAsync(
                "/v1/search",
                new
                {
                    query = "cormorant",
                    filters = new { metadata = new { team = "red" }, source_ids = new[] { pair } },
                }
            )
        ).GetProperty("citations")[0];
        hit.GetProperty("metadata").GetProperty("tags").GetArrayLength().ShouldBe(2);
        hit.GetProperty("metadata").GetProperty("number").GetString().ShouldBe("7");
        hit.GetProperty("link").GetString().ShouldBe("https://example.com/1");
        hit.GetProperty("primary_owners")[0].GetString()!.ShouldContain("Anna");

        var id = first.GetProperty("document_id").GetString()!;
        (await Client.GetAsync($"/onyx-api/connector-docs/{pair}"))
            .EnumerateArray()
            .ShouldHaveSingleItem()
            .GetProperty("document_id")
            .GetString()
            .ShouldBe(id);
        (await Client.GetAsync("/onyx-api/ingestion"))
            .EnumerateArray()
            .ShouldContain(item => item.GetProperty("document_id").GetString() == id);

        // Without a pair it goes to the one that is always there, with an id of its name.
        var loose = await Client.PostAsync(
            "/onyx-api/ingestion",
            new
            {
                document = new
                {
                    semantic_identifier = "Loose end",
                    sections = new[] { new { text = "A loose heron." } },
                    metadata = new { },
                },
            }
        );
        loose.GetProperty("document_id").GetString()!.ShouldStartWith("ingestion_api_");
        (await Client.SearchAsync("heron")).ShouldHaveSingleItem();

        (await Client.SendAsync(HttpMethod.Delete, $"/onyx-api/ingestion/{Uri.EscapeDataString(id)}")).Status.ShouldBe(
            HttpStatusCode.OK
        );
        (await Client.SearchAsync("cormorant")).ShouldBeEmpty();
        (await Client.SendAsync(HttpMethod.Delete, $"/onyx-api/ingestion/{Uri.EscapeDataString(id)}")).Status.ShouldBe(
            HttpStatusCode.NotFound
        );
        (
            await Client.SendAsync(
                HttpMethod.Post,
                "/onyx-api/ingestion",
                new
                {
                    document = new
                    {
                        semantic_identifier = "x",
                        sections = new[] { new { text = "x" } },
                        metadata = new { },
                    },
                    cc_pair_id = 99_999,
                }
            )
        ).Status.ShouldBe(HttpStatusCode.BadRequest);

        // What a site gave is not a pusher's to delete.
        var site = await Client.CreateAsync(
            "Not pushed",
            "web",
            new { base_url = $"{scene.Site.BaseUri}crawled", web_connector_type = "single" }
        );
        await Client.SettledAsync(site);
        (
            await Client.SendAsync(
                HttpMethod.Delete,
                $"/onyx-api/ingestion/{Uri.EscapeDataString($"{scene.Site.BaseUri}crawled")}"
            )
        ).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await Client.DocumentsAsync(site)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Roles_decide_what_a_token_may_do_and_the_audit_tells_who_did_it()
    {
        var source = await PushedAsync("Roles", "The kingfisher.");
        using var reader = await scene.WithTokenAsync("a reader", "reader");
        using var editor = await scene.WithTokenAsync("an editor", "editor");

        (await reader.SearchAsync("kingfisher")).ShouldHaveSingleItem();
        foreach (
            var (method, path, body) in new (HttpMethod, string, object?)[]
            {
                (
                    HttpMethod.Post,
                    "/v1/sources/create",
                    new
                    {
                        name = "x",
                        type = "ingestion_api",
                        config = new { },
                        credential = new { credentials = new { } },
                    }
                ),
                (HttpMethod.Patch, $"/v1/sources/{source}", new { name = "y" }),
                (HttpMethod.Post, $"/v1/sources/{source}/pause", null),
                (HttpMethod.Post, $"/v1/sources/{source}/run", null),
                (HttpMethod.Post, $"/v1/sources/{source}/documents", new { documents = Array.Empty<object>() }),
                (HttpMethod.Delete, $"/v1/sources/{source}", null),
                (HttpMethod.Post, "/v1/collections/create", new { name = "x", sources = Array.Empty<long>() }),
                (HttpMethod.Post, "/v1/tokens", new { name = "x", role = "admin" }),
                (HttpMethod.Get, "/v1/audit", null),
            }
        )
        {
            (await reader.SendAsync(method, path, body)).Status.ShouldBe(HttpStatusCode.Forbidden, $"{method} {path}");
        }

        (await editor.SendAsync(HttpMethod.Post, "/v1/tokens", new { name = "x", role = "reader" })).Status.ShouldBe(
            HttpStatusCode.Forbidden
        );
        (await editor.SendAsync(HttpMethod.Get, "/v1/audit")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await editor.SendAsync(HttpMethod.Patch, $"/v1/sources/{source}", new { name = "Renamed" })).Status.ShouldBe(
            HttpStatusCode.OK
        );
        var collection = await editor.PostAsync(
            "/v1/collections/create",
            new { name = "Edited", sources = new[] { source } }
        );
        await editor.SendAsync(HttpMethod.Delete, $"/v1/collections/{collection.GetProperty("id").GetInt64()}");
        await editor.SendAsync(HttpMethod.Delete, $"/v1/sources/{source}");
        await scene.GoneAsync(source);

        var entries = (await Client.GetAsync("/v1/audit?limit=100"))
            .GetProperty("items")
            .EnumerateArray()
            .Where(entry => entry.GetProperty("actor").GetString() == "an editor")
            .Select(entry => entry.GetProperty("action").GetString())
            .ToList();
        entries.ShouldBe(["connector.delete", "collection.delete", "collection.create", "connector.update"]);
    }

    [Fact]
    public async Task A_revoked_token_and_another_workspace_see_nothing()
    {
        var source = await PushedAsync("Mine", "The nightjar.");
        var made = await Client.PostAsync("/v1/tokens", new { name = "short", role = "reader" });
        using var revoked = new TributaryClient(scene.Server, made.GetProperty("token").GetString());
        (await revoked.SearchAsync("nightjar")).ShouldHaveSingleItem();
        await Client.SendAsync(HttpMethod.Delete, $"/v1/tokens/{made.GetProperty("id").GetInt64()}");
        (await revoked.SendAsync(HttpMethod.Get, "/v1/me")).Status.ShouldBe(HttpStatusCode.Unauthorized);

        var workspace = await Client.PostAsync(
            "/v1/workspaces",
            new { name = "Others", admin_email = "eve@example.com" }
        );
        using var others = new TributaryClient(scene.Server, workspace.GetProperty("admin_token").GetString());
        (await others.SearchAsync("nightjar")).ShouldBeEmpty();
        (await others.GetAsync("/v1/sources")).GetProperty("items").GetArrayLength().ShouldBe(0);
        foreach (
            var path in (string[])
                [
                    $"/v1/sources/{source}",
                    $"/v1/sources/{source}/documents",
                    $"/v1/sources/{source}/runs",
                    $"/v1/sources/{source}/errors",
                    $"/v1/sources/{source}/skipped",
                    $"/onyx-api/connector-docs/{source}",
                ]
        )
        {
            (await others.SendAsync(HttpMethod.Get, path)).Status.ShouldBe(HttpStatusCode.NotFound, path);
        }

        foreach (
            var (method, path) in new[]
            {
                (HttpMethod.Delete, $"/v1/sources/{source}"),
                (HttpMethod.Post, $"/v1/sources/{source}/run"),
                (HttpMethod.Post, $"/v1/sources/{source}/pause"),
            }
        )
        {
            (await others.SendAsync(method, path)).Status.ShouldBe(HttpStatusCode.NotFound, path);
        }
    }

    private static object File(string name, string file) =>
        new
        {
            name,
            type = "file",
            config = new { file_names = new[] { file } },
        };

    private async Task<(HttpStatusCode Status, JsonElement Answer)> IngestAsync(
        object sources,
        params (string Name, string Text)[] files
    )
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(JsonSerializer.Serialize(sources)), "sources_json" },
        };
        foreach (var (name, text) in files)
        {
            form.Add(new StringContent(text), "files", name);
        }

        using var response = await Client.Http.PostAsync("/v1/sources/ingest", form);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    private async Task<long> PushedAsync(string name, string text)
    {
        var source = await Client.CreateAsync(name, "ingestion_api", new { });
        await Client.PostAsync(
            $"/v1/sources/{source}/documents",
            new
            {
                documents = new[]
                {
                    new
                    {
                        id = name,
                        semantic_identifier = name,
                        sections = new[] { new { text } },
                    },
                },
            }
        );
        return source;
    }

    private async Task<List<string>> FoundInAsync(string query, long collection)
    {
        var answer = await Client.PostAsync(
            "/v1/search",
            new { query, filters = new { collection_ids = new[] { collection } } }
        );
        return
        [
            .. answer
                .GetProperty("citations")
                .EnumerateArray()
                .Select(hit => hit.GetProperty("document_id").GetString()!),
        ];
    }

    /// <summary>One server and one site for all of these tests.</summary>
    public sealed class Scene : IAsyncLifetime
    {
        public LoopbackServer Site { get; private set; } = null!;

        public TributaryProcess Server { get; private set; } = null!;

        public TributaryClient Client { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Site = await LoopbackServer.StartAsync(context =>
            {
                context.Response.ContentType = "text/html";
                context.Response.StatusCode = context.Request.Path == "/robots.txt" ? 404 : 200;
                var name = context.Request.Path.Value!.Trim('/');
                return context.Response.WriteAsync(
                    $"<html><head><title>{name}</title></head><body><p>The {name} lighthouse.</p></body></html>"
                );
            });
            Server = await TributaryProcess.ServeAsync(TributaryClient.Variables);
            Client = new TributaryClient(Server);
        }

        public async Task<TributaryClient> WithTokenAsync(string name, string role)
        {
            var made = await Client.PostAsync("/v1/tokens", new { name, role });
            return new TributaryClient(Server, made.GetProperty("token").GetString());
        }

        /// <summary>Waits until the source's deletion is over.</summary>
        public async Task GoneAsync(long source)
        {
            while ((await Client.SendAsync(HttpMethod.Get, $"/v1/sources/{source}")).Status != HttpStatusCode.NotFound)
            {
                await Task.Delay(20);
            }
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await Server.DisposeAsync();
            await Site.DisposeAsync();
        }
    }
}
