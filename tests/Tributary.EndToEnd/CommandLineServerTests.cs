using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Cli.Commands;
using Tributary.Engine.Workspaces;
using Tributary.Hosting;
using Tributary.Settings;
using Tributary.Testing;

namespace Tributary.EndToEnd;

public sealed class CommandLineServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Is_ready_when_store_and_scheduler_are()
    {
        await using var server = await StartAsync();
        using var response = await _http.GetAsync($"{server.Addresses[0]}/health/ready");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldBe(
            """{"status":"ready","parts":{"store":{"status":"ok","problem":null},"scheduler":{"status":"ok","problem":null}}}"""
        );
    }

    [Fact]
    public async Task Is_not_ready_when_a_part_fails_and_tells_strangers_no_details()
    {
        await using var server = await StartAsync(services =>
            services.AddSingleton<IReadinessPart>(
                new ReadinessPart("disk", _ => throw new IOException("/data is full"))
            )
        );
        using var response = await _http.GetAsync($"{server.Addresses[0]}/health/ready");
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var parts = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["parts"]!;
        parts["disk"]!["problem"]!.GetValue<string>().ShouldBe("/data is full");
        parts["scheduler"]!["status"]!.GetValue<string>().ShouldBe("ok");

        using var foreign = await SendAsync($"{server.Addresses[0]}/health/ready", ("X-Forwarded-For", "192.0.2.1"));
        (await foreign.Content.ReadAsStringAsync()).ShouldNotContain("full");
        using var live = await _http.GetAsync($"{server.Addresses[0]}/health/live");
        live.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Metrics_are_free_on_this_machine_and_want_a_token_from_elsewhere()
    {
        await using var server = await StartAsync(services =>
            services.AddSingleton<IIdentityService>(new Identities("good-token"))
        );
        var url = $"{server.Addresses[0]}/metrics";

        using var local = await _http.GetAsync(url);
        local.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        (await local.Content.ReadAsStringAsync()).ShouldContain("process_cpu_seconds_total ");

        using var stranger = await SendAsync(url, ("X-Forwarded-For", "192.0.2.1"));
        stranger.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var liar = await SendAsync(url, ("Via", "1.1 proxy"), ("Authorization", "Bearer wrong-token"));
        liar.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var friend = await SendAsync(url, ("Via", "1.1 proxy"), ("Authorization", "Bearer good-token"));
        friend.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void A_request_from_another_address_is_not_local()
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.7");
        LocalRequest.Is(context).ShouldBeFalse();
        context.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:127.0.0.1");
        LocalRequest.Is(context).ShouldBeTrue();
    }

    [Fact]
    public async Task The_first_start_hands_over_the_new_admins_token()
    {
        await using var server = await StartAsync(services =>
            services.AddSingleton<IIdentityService>(new Identities("made-up-token"))
        );
        server.NewAdminToken.ShouldBe("made-up-token");
        using var output = new StringWriter();
        ServeCommand.WriteToken(output, server.NewAdminToken!);
        output.ToString().ShouldContain("  made-up-token\n");
        output.ToString().ShouldContain("sign in as admin@localhost with the token");
    }

    [Fact]
    public async Task A_given_admin_token_is_handed_to_the_engine_and_none_is_made()
    {
        var identities = new Identities("made-up-token");
        var settings = Settings();
        settings.AdminToken = "given-token-of-the-operator";
        await using var server = await RunningServer.StartAsync(
            settings,
            _ => null,
            CancellationToken.None,
            services => services.AddSingleton<IIdentityService>(identities)
        );
        server.NewAdminToken.ShouldBeNull();
        identities.GivenToken.ShouldBe("given-token-of-the-operator");
    }

    [Fact]
    public async Task Two_servers_do_not_share_a_data_directory()
    {
        await using (await StartAsync())
        {
            var refusal = await Should.ThrowAsync<StartException>(() => StartAsync());
            refusal.Message.ShouldContain("is in use by another tributary process");
        }

        await using var next = await StartAsync();
    }

    [Fact]
    public async Task A_start_that_fails_lets_go_of_the_data_directory()
    {
        await Should.ThrowAsync<StartException>(() =>
            StartAsync(services => services.AddSingleton<IIdentityService>(new Identities(null)))
        );
        await using var next = await StartAsync();
    }

    [Fact]
    public async Task The_binary_serves_and_ends_within_seconds_when_asked_to()
    {
        await using var server = await TributaryProcess.ServeAsync();
        server.Output.ShouldContain("His token is shown this once");
        (await _http.GetStringAsync($"{server.Address}/health/live")).ShouldBe("""{"status":"live"}""");
        var (exitCode, took) = await server.TerminateAsync();
        exitCode.ShouldBe(0);
        took.ShouldBeLessThan(TimeSpan.FromSeconds(15));
        server.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_given_admin_token_works_at_once_and_is_not_printed()
    {
        const string Token = "token-of-the-operator";
        var variables = new Dictionary<string, string> { ["TRIBUTARY_ADMIN_TOKEN"] = Token };
        await using var server = await TributaryProcess.ServeAsync(variables);
        server.Output.ShouldBe($"Tributary listens on {server.Address}\n");
        string[] client = ["--server", server.Address, "--token"];
        (await CommandLineResult.OfAsync(["tokens", "list", .. client, Token])).ExitCode.ShouldBe(0);
        (await CommandLineResult.OfAsync(["tokens", "list", .. client, "another"])).ExitCode.ShouldBe(4);
    }

    [Fact, Trait("Category", "Slow")]
    public async Task A_missing_key_is_one_line_and_exit_code_1_and_a_rotation_keeps_secrets_readable()
    {
        const string Token = "token-of-the-operator";
        var variables = new Dictionary<string, string> { ["TRIBUTARY_ADMIN_TOKEN"] = Token };
        var data = _folder["data"];
        await using (var server = await TributaryProcess.ServeAsync(variables, data))
        {
            var created = await CommandLineResult.OfAsync([
                .. "sources create --type ingestion_api --name Pushed --credentials".Split(' '),
                """{"secret":"hunter2"}""",
                .. new[] { "--server", server.Address, "--token", Token },
            ]);
            created.ExitCode.ShouldBe(0, created.Error);
            var busy = await TributaryProcess.RunAsync(["keys", "rotate", "--data", data]);
            busy.ExitCode.ShouldBe(1);
            busy.Error.ShouldContain("is in use by another tributary process");
            (await server.TerminateAsync()).ExitCode.ShouldBe(0);
        }

        var (exitCode, output, _) = await TributaryProcess.RunAsync(["keys", "rotate", "--data", data]);
        exitCode.ShouldBe(0);
        output.ShouldMatch("A new key is in use; [1-9][0-9]* secrets were wrapped with it.");

        var ring = Path.Combine(data, "keys.json");
        File.Move(ring, ring + ".away");
        var refused = await TributaryProcess.RunAsync(["serve", "--urls", "http://127.0.0.1:0", "--data", data]);
        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldStartWith("tributary: The key ring ");
        refused.Error.Split('\n').Length.ShouldBe(2);

        File.Move(ring + ".away", ring);
        await using var again = await TributaryProcess.ServeAsync(variables, data);
    }

    [Fact, Trait("Category", "Slow")]
    public async Task The_quick_start_reads_a_folder_and_searches_it()
    {
        Directory.CreateDirectory(_folder["notes"]);
        await File.WriteAllTextAsync(_folder["notes/vacation.md"], "# Vacation policy\n\nThirty days a year.\n");
        string[] arguments =
        [
            "quickstart",
            _folder["notes"],
            "--exit",
            "--data",
            _folder["data"],
            "--urls",
            "http://127.0.0.1:0",
        ];

        var first = await TributaryProcess.RunAsync(arguments);
        first.ExitCode.ShouldBe(0, first.Error);
        first.Output.ShouldContain("1 read, 1 added.");
        first.Output.ShouldContain("1. Vacation policy");

        var second = await TributaryProcess.RunAsync(arguments);
        second.ExitCode.ShouldBe(0, second.Error);
        second.Output.ShouldContain("1 unchanged");
    }

    [Fact]
    public async Task An_address_in_use_is_one_line_and_exit_code_1()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        var address = server.BaseUri.AbsoluteUri.TrimEnd('/');
        var (exitCode, _, error) = await TributaryProcess.RunAsync([
            "serve",
            "--urls",
            address,
            "--data",
            _folder["d"],
        ]);
        exitCode.ShouldBe(1);
        error.ShouldBe(
            $"tributary: {address} is in use by another program. Stop that one, or choose another address with --urls.\n"
        );
    }

    [Fact]
    public async Task An_address_that_others_reach_is_warned_of_and_not_refused_for_that()
    {
        // The port is taken, so that nothing really listens to others here.
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        var address = $"http://0.0.0.0:{server.BaseUri.Port}";
        var (exitCode, _, error) = await TributaryProcess.RunAsync([
            "serve",
            "--urls",
            address,
            "--data",
            _folder["d"],
            "--log-format",
            "json",
        ]);
        exitCode.ShouldBe(1);
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2);
        JsonNode.Parse(lines[0])!["LogLevel"]!.GetValue<string>().ShouldBe("Warning");
        lines[0].ShouldContain($"{address} can be reached from other machines");
        lines[1].ShouldContain($"{address} is in use");
    }

    [Fact]
    public async Task A_start_that_the_engine_refuses_is_one_line()
    {
        var refusal = await Should.ThrowAsync<StartException>(() =>
            StartAsync(services => services.AddSingleton<IIdentityService>(new Identities(null)))
        );
        refusal.Message.ShouldBe("The key ring is missing.");
    }

    private Task<RunningServer> StartAsync(Action<IServiceCollection>? configure = null) =>
        RunningServer.StartAsync(Settings(), _ => null, CancellationToken.None, configure);

    private ServerSettings Settings()
    {
        var settings = new ServerSettings { Urls = [ListenAddress.Parse("http://127.0.0.1:0")] };
        settings.Engine.DataFolder = _folder["data"];
        return settings;
    }

    private async Task<HttpResponseMessage> SendAsync(string url, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _http.SendAsync(request);
    }

    /// <summary>Knows one token, which its first start makes; none at all when it cannot start.</summary>
    private sealed class Identities(string? token) : IIdentityService
    {
        public string? GivenToken { get; private set; }

        public Task<string?> EnsureAdminAsync(string? adminToken, CancellationToken cancellationToken)
        {
            GivenToken = adminToken;
            return token is null
                ? throw new InvalidOperationException("The key ring is missing.")
                : Task.FromResult(adminToken is null ? token : null);
        }

        public ValueTask<Workspace> GetWorkspaceAsync(Caller caller, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<User> GetUserAsync(Caller caller, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<ApiToken> DescribeTokenAsync(
            Caller caller,
            long tokenId,
            string? description,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public ValueTask<Caller?> FindByTokenAsync(string candidate, CancellationToken cancellationToken) =>
            new(candidate == token ? new Caller(1, Guid.Empty, 1, Guid.Empty, "admin", Role.Admin) : null);

        public ValueTask<Caller?> FindBySessionAsync(string session, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<string?> LogInAsync(string email, string password, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task LogOutAsync(string session, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<(ApiToken Token, string Secret)> CreateTokenAsync(
            Caller caller,
            string name,
            Role role,
            DateTimeOffset? expiresAt,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<IReadOnlyList<ApiToken>> ListTokensAsync(Caller caller, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<ApiToken> UpdateTokenAsync(
            Caller caller,
            long tokenId,
            string? name,
            Role? role,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<(ApiToken Token, string Secret)> RegenerateTokenAsync(
            Caller caller,
            long tokenId,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task RevokeTokenAsync(Caller caller, long tokenId, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<User> CreateUserAsync(
            Caller caller,
            string email,
            string password,
            Role role,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<IReadOnlyList<User>> ListUsersAsync(Caller caller, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<(Workspace Workspace, string AdminToken)> CreateWorkspaceAsync(
            Caller caller,
            string name,
            string adminEmail,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();
    }
}
