using System.Net;
using System.Net.Sockets;
using Tributary.Cli;
using Tributary.Quickstart;
using Tributary.Settings;
using Tributary.Testing;

namespace Tributary.EndToEnd;

public sealed class CommandLineQuickstartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_folder_becomes_a_source_that_may_read_just_it()
    {
        Directory.CreateDirectory(_folder["notes"]);
        var settings = Settings();
        var plan = await PlanAsync("notes", settings);
        plan.Type.ShouldBe("file");
        plan.Config.ToJsonString().ShouldBe($$"""{"file_locations":["{{_folder["notes"]}}"]}""");
        settings.Engine.AllowedFolders.ShouldBe(_folder["notes"]);
        settings.Engine.AllowedNetworks.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_projects_own_docs_are_found_from_below()
    {
        Directory.CreateDirectory(_folder["docs"]);
        Directory.CreateDirectory(_folder["src/deep"]);
        await File.WriteAllTextAsync(_folder["docs/command-line.md"], "");
        var plan = await QuickstartPlan.MakeAsync(
            null,
            Settings(),
            Terminal() with
            {
                WorkingDirectory = _folder["src/deep"],
            },
            CancellationToken.None
        );
        plan.Target.ShouldBe(_folder["docs"]);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9000/docs", "127.0.0.1/32")]
    [InlineData("http://[::1]:9000/", "::1/128")]
    [InlineData("http://192.168.4.5/", "192.168.4.5/32")]
    [InlineData("http://169.254.169.254/", "")]
    [InlineData("http://8.8.8.8/", "")]
    public async Task A_private_site_is_allowed_by_its_address_alone_and_said(string url, string ranges)
    {
        var settings = Settings();
        var plan = await PlanAsync(url, settings);
        plan.Type.ShouldBe("web");
        settings.Engine.AllowedNetworks.ShouldBe(ranges);
        (plan.Allowance is null).ShouldBe(ranges.Length == 0);
    }

    [Fact]
    public async Task The_next_quick_start_uses_the_same_token()
    {
        Directory.CreateDirectory(_folder["notes"]);
        var first = await PlanAsync("notes", Settings());
        var second = await PlanAsync("notes", Settings());
        second.Token.ShouldBe(first.Token);
        OwnerOnly
            .ModeOf(Path.Combine(_folder["data"], QuickstartPlan.TokenFile))
            .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_data_directory_of_somebody_elses_server_keeps_its_admin()
    {
        Directory.CreateDirectory(_folder["notes"]);
        Directory.CreateDirectory(_folder["data"]);
        await File.WriteAllTextAsync(_folder["data/tributary.db"], "");
        var refusal = await Should.ThrowAsync<UsageException>(() => PlanAsync("notes", Settings()));
        refusal.Message.ShouldContain("was not made by the quick start");
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_refused_before_anything_starts() =>
        (await Should.ThrowAsync<UsageException>(() => PlanAsync("nowhere", Settings()))).Message.ShouldContain(
            "There is no folder"
        );

    [Fact]
    public async Task A_port_that_is_taken_is_replaced_unless_the_operator_named_it()
    {
        Directory.CreateDirectory(_folder["notes"]);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var taken = ListenAddress.Parse($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

        var settings = Settings();
        settings.Urls = [taken];
        await PlanAsync("notes", settings);
        settings.Urls[0].Url.ShouldBe("http://127.0.0.1:0");

        var named = Settings();
        named.Urls = [taken];
        named.Given.Add("urls");
        await PlanAsync("notes", named);
        named.Urls[0].ShouldBe(taken);
    }

    [Theory]
    [InlineData("command line", "index.md", "The command line")]
    [InlineData("Rate limits", "Rate limits", "a b")]
    [InlineData("handbook", "handbook.pdf", "FAQ")]
    [InlineData(null, "a.b", "12345 67890")]
    public void Picks_two_telling_words(string? query, params string[] titles) =>
        QuickstartTour.PickQuery(titles).ShouldBe(query);

    [Fact]
    public async Task The_tour_makes_a_source_waits_searches_and_shows_what_to_do_next()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("GET /v1/sources", """{"items":[],"next_cursor":null}""")
            .On("POST /v1/sources/create", """{"connector_id":1,"message":"ok"}""")
            .On(
                "GET /v1/sources/1",
                """{"current_run":null,"last_run":{"id":5,"kind":"refresh","status":"succeeded","counts":{"read":4,"added":4}}}"""
            )
            .On("GET /v1/sources/1/documents", """{"items":[{"title":"Rate limits"}],"next_cursor":null}""")
            .On(
                "POST /v1/search",
                """{"citations":[{"semantic_identifier":"Rate limits","blurb":"At most so many."}]}"""
            );

        (await TourAsync(scene)).ShouldBeTrue();

        scene.BodyOf("POST /v1/search")["query"]!.GetValue<string>().ShouldBe("Rate limits");
        scene.BodyOf("POST /v1/sources/create")["type"]!.GetValue<string>().ShouldBe("file");
        scene.Authorizations.ShouldAllBe(header => header == "Bearer the-token");
        var said = _output.ToString();
        said.ShouldContain("The refresh has ended well: 4 read, 4 added.");
        said.ShouldContain("1. Rate limits");
        said.ShouldContain($"curl -s {scene.Address}/v1/search");
        said.ShouldContain("Token    the-token");
    }

    [Fact]
    public async Task The_next_tour_reads_the_same_source_again()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("GET /v1/sources", """{"items":[{"id":1,"name":"/notes"}],"next_cursor":null}""")
            .On("POST /v1/sources/1/run", """{"id":6,"kind":"refresh","status":"queued"}""")
            .On(
                "GET /v1/runs/6",
                """{"id":6,"kind":"refresh","status":"succeeded","counts":{"read":4,"unchanged":4}}"""
            )
            .On("GET /v1/sources/1/documents", """{"items":[{"title":"Rate limits"}],"next_cursor":null}""")
            .On("POST /v1/search", """{"citations":[{"semantic_identifier":"Rate limits"}]}""");
        (await TourAsync(scene)).ShouldBeTrue();
        scene.Requests.ShouldContain("GET /v1/runs/6");
        scene.Requests.ShouldNotContain("POST /v1/sources/create");
    }

    [Fact]
    public async Task A_run_that_failed_makes_the_tour_fail()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("GET /v1/sources", """{"items":[],"next_cursor":null}""")
            .On("POST /v1/sources/create", """{"connector_id":1}""")
            .On(
                "GET /v1/sources/1",
                """{"last_run":{"id":5,"kind":"refresh","status":"failed","error":{"message":"No such folder."}}}"""
            );
        (await TourAsync(scene)).ShouldBeFalse();
        _output.ToString().ShouldContain("The refresh failed: No such folder.");
    }

    [Theory]
    [InlineData("/opt/tributary", "tributary")]
    [InlineData("{here}/bin", "./bin/tributary")]
    [InlineData("/srv/elsewhere", "/srv/elsewhere/tributary")]
    public void Next_steps_can_be_typed_as_they_stand(string folder, string called) =>
        QuickstartTour
            .ProgramName(
                Path.Combine(folder.Replace("{here}", _folder.Path, StringComparison.Ordinal), "tributary"),
                Terminal() with
                {
                    Variable = name => name == "PATH" ? "/usr/bin:/opt/tributary/" : null,
                }
            )
            .ShouldBe(called);

    [Fact]
    public async Task A_search_that_finds_nothing_makes_the_tour_fail()
    {
        await using var scene = await CommandLineScene.StartAsync();
        scene
            .On("GET /v1/sources", """{"items":[],"next_cursor":null}""")
            .On("POST /v1/sources/create", """{"connector_id":1}""")
            .On("GET /v1/sources/1", """{"last_run":{"id":5,"kind":"refresh","status":"succeeded"}}""")
            .On("GET /v1/sources/1/documents", """{"items":[{"title":"Rate limits"}]}""")
            .On("POST /v1/search", """{"citations":[]}""");
        (await TourAsync(scene)).ShouldBeFalse();
    }

    private Task<bool> TourAsync(CommandLineScene scene) =>
        QuickstartTour.RunAsync(
            new QuickstartPlan
            {
                Target = "/notes",
                Type = "file",
                Config = [],
                Token = "the-token",
            },
            scene.Address,
            Terminal(),
            CancellationToken.None
        );

    private Task<QuickstartPlan> PlanAsync(string target, ServerSettings settings) =>
        QuickstartPlan.MakeAsync(target, settings, Terminal(), CancellationToken.None);

    private ServerSettings Settings()
    {
        var settings = new ServerSettings();
        settings.Engine.DataFolder = _folder["data"];
        settings.Given.Add("data");
        return settings;
    }

    private Terminal Terminal() =>
        new()
        {
            Out = _output,
            Error = _error,
            In = TextReader.Null,
            Variable = _ => null,
            WorkingDirectory = _folder.Path,
            PollInterval = TimeSpan.FromMilliseconds(1),
        };
}
