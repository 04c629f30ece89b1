using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Engine.Connectors;
using Tributary.Engine.OAuth;
using Tributary.Engine.Runs;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;
using Tributary.Testing;

namespace Tributary.Engine.Tests.OAuth;

/// <summary>People sign in, and connectors act for them, against an authorization server on a real socket.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private AuthorizationServer _server = null!;
    private SignInSource _source = null!;
    private EngineHarness _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await AuthorizationServer.StartAsync(_time);
        _source = new SignInSource(_server);
        _engine = await StartAsync(Clients(AuthorizationServer.ClientSecret));
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_consent_address_holds_what_the_vendor_asks_for()
    {
        var consent = await OAuth.InitiateAsync(_engine.Caller, SignInSource.SlugName, CancellationToken.None);

        consent.GetLeftPart(UriPartial.Path).ShouldBe(_server.AuthorizeUrl);
        var query = AuthorizationServer.Query(consent.Query);
        query["prompt"].ShouldBe("consent");
        query["access_type"].ShouldBe("offline");
        query["response_type"].ShouldBe("code");
        query["client_id"].ShouldBe(AuthorizationServer.ClientId);
        query["redirect_uri"].ShouldBe(AuthorizationServer.RedirectUri);
        query["scope"].ShouldBe("read,write:things");
        query["code_challenge_method"].ShouldBe("S256");
        query["code_challenge"].Length.ShouldBe(43);
        query["state"].Length.ShouldBe(43);
        query.ContainsKey("client_secret").ShouldBeFalse();
    }

    [Fact]
    public async Task A_person_signs_in_and_the_connector_reads()
    {
        var completion = await SignInAsync();
        completion.ExtraValues.ToJsonString().ShouldBe("""{"instance":"T1"}""");
        completion.Value.ShouldNotContain("access-");

        var connector = await CreateAsync(completion.Value);
        var run = await RunAsync(connector);

        run.State.ShouldBe(RunState.Succeeded, run.Error);
        var credentials = await CredentialsAsync(connector);
        credentials.GetProperty("team").GetString().ShouldBe("T1");
        credentials.GetProperty("method").GetString().ShouldBe("oauth");
        credentials.GetProperty("expires_at").GetInt64().ShouldBe(_time.GetUtcNow().AddHours(1).ToUnixTimeSeconds());
        credentials.TryGetProperty("none", out _).ShouldBeFalse();
        _server.TokenRequests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Tokens_are_renewed_for_months_and_across_restarts()
    {
        var connector = await CreateAsync((await SignInAsync()).Value);
        for (var month = 0; month < 3; month++)
        {
            _time.Advance(TimeSpan.FromDays(30));
            (await RunAsync(connector)).State.ShouldBe(RunState.Succeeded);
            _engine = await _engine.CrashAndRestartAsync();
        }

        _server.TokenRequests.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_token_that_is_refused_in_mid_run_does_not_end_the_run()
    {
        var connector = await CreateAsync((await SignInAsync()).Value);
        var number = 0;
        _source.BeforeRequest = () =>
        {
            if (++number == 2)
            {
                _server.RevokeAccessTokens();
            }
        };

        (await RunAsync(connector)).State.ShouldBe(RunState.Succeeded);
        _server.TokenRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_grant_that_was_revoked_fails_the_run_and_says_what_to_do()
    {
        var connector = await CreateAsync((await SignInAsync()).Value);
        _server.RevokeAccessTokens();
        _server.RevokeRefreshTokens();

        var run = await RunAsync(connector);

        run.State.ShouldBe(RunState.Failed);
        run.ErrorKind.ShouldBe(FailureKind.Credentials);
        run.Error.ShouldNotBeNull();
        run.Error.ShouldContain("invalid_grant");
        run.Error.ShouldContain("Sign in again");
        run.Error.ShouldNotContain(AuthorizationServer.ClientSecret);
    }

    [Fact]
    public async Task A_connectors_address_does_not_lead_the_operators_secret_elsewhere()
    {
        await using var thief = await AuthorizationServer.StartAsync(_time);
        var connector = await CreateAsync((await SignInAsync()).Value);
        _source.TokenUrl = thief.TokenUrl;
        _time.Advance(TimeSpan.FromHours(1));

        var run = await RunAsync(connector);

        run.ErrorKind.ShouldBe(FailureKind.Configuration);
        run.Error.ShouldNotBeNull();
        run.Error.ShouldContain("token_url belongs into TRIBUTARY_OAUTH_CLIENTS");
        thief.TokenRequests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_kill_between_swap_and_save_is_told_as_what_it_is()
    {
        var connector = await CreateAsync((await SignInAsync()).Value);
        _time.Advance(TimeSpan.FromHours(1));
        _engine.Faults.FailNext(nameof(IOAuthStore.SaveTokensAsync), new IOException("killed"));
        _engine.Faults.FailNext(nameof(IOAuthStore.ReleaseAsync), new IOException("killed"));
        (await RunAsync(connector)).State.ShouldBe(RunState.Failed);
        _engine = await _engine.CrashAndRestartAsync();
        _time.Advance(TimeSpan.FromMinutes(3));

        var run = await RunAsync(connector);

        run.ErrorKind.ShouldBe(FailureKind.Credentials);
        run.Error.ShouldNotBeNull();
        run.Error.ShouldContain("already used");
    }

    [Fact]
    public async Task A_check_that_rotates_the_refresh_token_of_a_draft_does_not_lose_it()
    {
        var connector = (await CreateAsync(new { refresh_token = _server.Grant() }))!;
        _time.Advance(TimeSpan.FromDays(2));

        (await RunAsync(connector)).State.ShouldBe(RunState.Succeeded);
        _time.Advance(TimeSpan.FromDays(2));
        (await RunAsync(connector)).State.ShouldBe(RunState.Succeeded);
        _server.TokenRequests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Credentials_that_are_sent_back_masked_keep_their_tokens()
    {
        var connector = await CreateAsync(new { refresh_token = _server.Grant() + "-long-enough" }, fails: true);
        connector.ShouldBeNull();
        var made = (await CreateAsync(new { refresh_token = _server.Grant() }))!;
        var masked = await _engine.Connectors.GetMaskedCredentialsAsync(
            _engine.Caller,
            made.Id,
            CancellationToken.None
        );

        await UpdateAsync(made, masked);
        _time.Advance(TimeSpan.FromHours(2));

        (await RunAsync(made)).State.ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task New_credentials_take_the_place_of_the_old_ones_and_of_their_tokens()
    {
        var connector = (await CreateAsync(new { refresh_token = _server.Grant() }))!;
        var credential = await CredentialIdAsync(connector);
        (await CountTokensAsync(credential)).ShouldBe(1);

        await UpdateAsync(connector, JsonSerializer.SerializeToElement(new { refresh_token = _server.Grant() }));

        (await CountTokensAsync(credential)).ShouldBe(1);
        _time.Advance(TimeSpan.FromHours(2));
        (await RunAsync(connector)).State.ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task New_credentials_that_fail_the_check_leave_the_old_ones_working()
    {
        var connector = (await CreateAsync(new { refresh_token = _server.Grant() }))!;

        await Should.ThrowAsync<EngineException>(() =>
            UpdateAsync(connector, JsonSerializer.SerializeToElement(new { refresh_token = "wrong" }))
        );
        _time.Advance(TimeSpan.FromHours(2));

        (await RunAsync(connector)).State.ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task A_new_sign_in_repairs_a_connector()
    {
        var connector = await CreateAsync((await SignInAsync()).Value);
        _server.RevokeAccessTokens();
        _server.RevokeRefreshTokens();
        var value = (await SignInAsync()).Value;

        await UpdateAsync(connector, JsonSerializer.SerializeToElement(new { access_token = value }));

        (await RunAsync(connector)).State.ShouldBe(RunState.Succeeded);
    }

    [Fact]
    public async Task Tokens_go_with_their_connector()
    {
        var connector = (await CreateAsync(new { refresh_token = _server.Grant() }))!;
        var credential = await CredentialIdAsync(connector);

        await _engine.Connectors.DeleteAsync(_engine.Caller, connector.Id, CancellationToken.None);
        await _engine.FireAsync(connector);

        (await CountTokensAsync(credential)).ShouldBe(0);
    }

    [Fact]
    public async Task Token_requests_count_in_no_rate_limit()
    {
        var connector = (await CreateAsync(new { refresh_token = _server.Grant() }, new RateLimit(RateUnit.Day, 4)))!;
        _time.Advance(TimeSpan.FromDays(1));
        var number = 0;
        _source.BeforeRequest = () =>
        {
            if (++number == 2)
            {
                _time.Advance(TimeSpan.FromHours(1));
            }
        };

        // Three pages and the check at the start are the four; two renewals come on top.
        (await RunAsync(connector)).State.ShouldBe(RunState.Succeeded);
        _server.TokenRequests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_state_works_once_for_ten_minutes_for_its_person_and_integration()
    {
        var parameters = await ConsentAsync();
        var stranger = _engine.Caller with { UserId = _engine.Caller.UserId + 1 };
        var elsewhere = _engine.Caller with { WorkspaceId = _engine.Caller.WorkspaceId + 1 };
        await FailsAsync(() => CompleteAsync(parameters, stranger), "not one that you have begun");
        await FailsAsync(() => CompleteAsync(parameters, elsewhere), "not one that you have begun");
        await CompleteAsync(parameters);
        await FailsAsync(() => CompleteAsync(parameters), "complete already");

        var late = await ConsentAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
        await FailsAsync(() => CompleteAsync(late), "ten minutes");
        var inTime = await ConsentAsync();
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        await CompleteAsync(inTime);

        await FailsAsync(() => CompleteAsync(new() { ["code"] = "c", ["state"] = "made up" }), "Begin it again");
        await FailsAsync(() => CompleteAsync(new() { ["code"] = "c" }), "Begin it again");
    }

    [Fact]
    public async Task A_state_of_another_integration_does_not_work()
    {
        await using var engine = await EngineHarness.StartAsync(
            time: _time,
            others: [_source, new OtherSource(_server)],
            configure: options => options.OauthClients = Clients("x").Replace("\"sign_in\"", "\"other\"")
        );
        var oauth = engine.Get<IOAuthService>();
        var consent = await oauth.InitiateAsync(engine.Caller, "other", CancellationToken.None);
        var parameters = _server.Consent(consent);

        var failure = await Should.ThrowAsync<OAuthException>(() =>
            oauth.CompleteAsync(engine.Caller, SignInSource.SlugName, parameters, CancellationToken.None)
        );

        failure.Problem.ShouldBe(OAuthProblem.FailedToInitiate);
    }

    [Fact]
    public async Task A_refusal_at_the_vendor_is_told()
    {
        var parameters = await ConsentAsync();
        await FailsAsync(
            () => CompleteAsync(new() { ["error"] = "access_denied<b>", ["state"] = parameters["state"] }),
            "agree to what is asked for"
        );
        var again = await ConsentAsync();
        await FailsAsync(() => CompleteAsync(new() { ["state"] = again["state"] }), "no code");
    }

    [Fact]
    public async Task A_stolen_code_is_worth_nothing_without_the_verifier()
    {
        var mine = await ConsentAsync();
        var theirs = await ConsentAsync();

        await FailsAsync(
            () => CompleteAsync(new() { ["code"] = theirs["code"], ["state"] = mine["state"] }),
            "invalid_grant"
        );
    }

    [Fact]
    public async Task Without_PKCE_none_is_sent()
    {
        var source = new OtherSource(_server);
        await using var engine = await EngineHarness.StartAsync(
            time: _time,
            others: [source],
            configure: options =>
            {
                options.AllowedNetworks = "127.0.0.0/8";
                options.OauthClients = Clients(AuthorizationServer.ClientSecret).Replace("sign_in", "other");
            }
        );
        var oauth = engine.Get<IOAuthService>();
        var consent = await oauth.InitiateAsync(engine.Caller, "other", CancellationToken.None);
        consent.Query.ShouldNotContain("code_challenge");
        consent.Query.ShouldNotContain("scope");

        var completion = await oauth.CompleteAsync(
            engine.Caller,
            "other",
            _server.Consent(consent),
            CancellationToken.None
        );

        var credentials = await oauth.ResolveAsync(
            engine.Caller,
            "other",
            JsonSerializer.SerializeToElement(new { google_tokens = completion.Value, google_primary_admin = "a@b" }),
            CancellationToken.None
        );
        credentials.GetProperty("google_primary_admin").GetString().ShouldBe("a@b");
        using var tokens = JsonDocument.Parse(credentials.GetProperty("google_tokens").GetString()!);
        tokens.RootElement.GetProperty("token").GetString()!.ShouldStartWith("access-");
        tokens.RootElement.GetProperty("refresh_token").GetString()!.ShouldStartWith("refresh-");
        tokens.RootElement.GetProperty("token_uri").GetString().ShouldBe(_server.TokenUrl);
        tokens.RootElement.GetProperty("expiry").GetString().ShouldBe("2025-01-15T09:00:00Z");
    }

    [Fact]
    public async Task A_reference_works_once_for_ten_minutes_for_its_person()
    {
        var value = (await SignInAsync()).Value;
        var stranger = _engine.Caller with { UserId = _engine.Caller.UserId + 1 };
        await RefusedAsync(stranger, value);
        var credentials = JsonSerializer.SerializeToElement(new { access_token = value });
        await OAuth.ResolveAsync(_engine.Caller, SignInSource.SlugName, credentials, CancellationToken.None);
        await RefusedAsync(_engine.Caller, value);

        var late = (await SignInAsync()).Value;
        _time.Advance(TimeSpan.FromMinutes(10));
        await RefusedAsync(_engine.Caller, late);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"access_token": "mine", "n": 1, "o": {}, "z": null}""")]
    [InlineData("[]")]
    public async Task Credentials_without_a_reference_stay_as_they_are(string json)
    {
        using var document = JsonDocument.Parse(json);

        var resolved = await OAuth.ResolveAsync(
            _engine.Caller,
            "whatever",
            document.RootElement,
            CancellationToken.None
        );

        resolved.GetRawText().ShouldBe(json);
    }

    [Fact]
    public async Task Each_reason_why_a_sign_in_cannot_begin_is_told_apart()
    {
        (await ProblemAsync(_engine, "nothing")).ShouldBe(OAuthProblem.IntegrationNotFound);
        (await ProblemAsync(_engine, ScriptedSource.SlugName)).ShouldBe(OAuthProblem.NotSupported);
        await using var without = await EngineHarness.StartAsync(time: _time, others: [_source]);
        (await ProblemAsync(without, SignInSource.SlugName)).ShouldBe(OAuthProblem.FailedToInitiate);

        var reader = _engine.Caller with { Role = Role.Reader };
        await Should.ThrowAsync<EngineException>(() =>
            OAuth.InitiateAsync(reader, SignInSource.SlugName, CancellationToken.None)
        );
        await Should.ThrowAsync<EngineException>(() => CompleteAsync([], reader));
    }

    [Fact]
    public async Task A_wrong_client_secret_is_told_without_being_shown()
    {
        await using var engine = await StartAsync(Clients("the-wr0ng-secret"));
        var oauth = engine.Get<IOAuthService>();
        var consent = await oauth.InitiateAsync(engine.Caller, SignInSource.SlugName, CancellationToken.None);

        var failure = await Should.ThrowAsync<OAuthException>(() =>
            oauth.CompleteAsync(engine.Caller, SignInSource.SlugName, _server.Consent(consent), CancellationToken.None)
        );

        failure.Problem.ShouldBe(OAuthProblem.FailedToComplete);
        failure.Message.ShouldContain("invalid_client");
        failure.ToString().ShouldNotContain("wr0ng");
    }

    [Fact]
    public async Task Hostile_answers_of_a_token_endpoint_end_in_words()
    {
        var connector = (await CreateAsync(new { refresh_token = _server.Grant() }))!;
        (RequestDelegate Answer, FailureKind Kind)[] answers =
        [
            (context => context.Response.WriteAsync("<html>Please log in"), FailureKind.Source),
            (context => WriteAsync(context, "{\"access_token\":\"a\"}" + new string(' ', 2 << 20)), FailureKind.Source),
            (
                context =>
                {
                    context.Response.Redirect("http://169.254.169.254/");
                    return Task.CompletedTask;
                },
                FailureKind.Source
            ),
            (
                context =>
                {
                    context.Abort();
                    return Task.CompletedTask;
                },
                FailureKind.Transient
            ),
            (
                context =>
                {
                    context.Response.StatusCode = 500;
                    return Task.CompletedTask;
                },
                FailureKind.Transient
            ),
        ];
        foreach (var (answer, kind) in answers)
        {
            _time.Advance(TimeSpan.FromHours(2));
            var before = _server.TokenRequests.Count;
            _server.Instead.Enqueue(answer);

            var run = await RunAsync(connector);

            run.ErrorKind.ShouldBe(kind, run.Error);
            (_server.TokenRequests.Count - before).ShouldBe(1, "a refresh token may work only once");
        }

        _time.Advance(TimeSpan.FromHours(2));
        (await RunAsync(connector)).State.ShouldBe(RunState.Succeeded);
    }

    private static async Task WriteAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(text);
    }

    private IOAuthService OAuth => _engine.Get<IOAuthService>();

    private Task<EngineHarness> StartAsync(string clients) =>
        EngineHarness.StartAsync(
            time: _time,
            others: [_source],
            configure: options =>
            {
                options.AllowedNetworks = "127.0.0.0/8";
                options.OauthClients = clients;
            }
        );

    private static string Clients(string secret) =>
        JsonSerializer.Serialize(
            new Dictionary<string, object>
            {
                [SignInSource.SlugName] = new
                {
                    client_id = AuthorizationServer.ClientId,
                    client_secret = secret,
                    redirect_uri = AuthorizationServer.RedirectUri,
                },
            }
        );

    private async Task<Dictionary<string, string>> ConsentAsync() =>
        _server.Consent(await OAuth.InitiateAsync(_engine.Caller, SignInSource.SlugName, CancellationToken.None));

    private Task<OAuthCompletion> CompleteAsync(Dictionary<string, string> parameters, Caller? caller = null) =>
        OAuth.CompleteAsync(caller ?? _engine.Caller, SignInSource.SlugName, parameters, CancellationToken.None);

    private async Task<OAuthCompletion> SignInAsync() => await CompleteAsync(await ConsentAsync());

    private static async Task FailsAsync(Func<Task> sign, string words)
    {
        var failure = await Should.ThrowAsync<OAuthException>(sign);
        failure.Problem.ShouldBe(OAuthProblem.FailedToComplete);
        failure.Message.ShouldContain(words);
    }

    private async Task RefusedAsync(Caller caller, string value)
    {
        var credentials = JsonSerializer.SerializeToElement(new { access_token = value });
        var refusal = await Should.ThrowAsync<EngineException>(() =>
            OAuth.ResolveAsync(caller, SignInSource.SlugName, credentials, CancellationToken.None)
        );
        refusal.Problems.ShouldHaveSingleItem().Path.ShouldBe(["credentials", "access_token"]);
    }

    private static async Task<OAuthProblem> ProblemAsync(EngineHarness engine, string slug) =>
        (
            await Should.ThrowAsync<OAuthException>(() =>
                engine.Get<IOAuthService>().InitiateAsync(engine.Caller, slug, CancellationToken.None)
            )
        ).Problem;

    private async Task<Connector> CreateAsync(string value) => (await CreateAsync(new { access_token = value }))!;

    private async Task<Connector?> CreateAsync(object credentials, RateLimit? limit = null, bool fails = false)
    {
        var creation = _engine.Connectors.CreateAsync(
            _engine.Caller,
            new ConnectorDraft
            {
                Name = Guid.NewGuid().ToString(),
                IntegrationSlug = SignInSource.SlugName,
                Config = JsonSerializer.SerializeToElement(new { }),
                Credentials = JsonSerializer.SerializeToElement(credentials),
                RateLimit = limit,
            },
            CancellationToken.None
        );
        if (!fails)
        {
            return await creation;
        }

        (await Should.ThrowAsync<EngineException>(() => creation)).Message.ShouldContain("invalid_grant");
        return null;
    }

    private Task UpdateAsync(Connector connector, JsonElement credentials) =>
        _engine.Connectors.UpdateAsync(
            _engine.Caller,
            connector.Id,
            new ConnectorChange { Credentials = credentials },
            CancellationToken.None
        );

    private Task<Run> RunAsync(Connector connector) => _engine.RunAsync(connector, RunKind.Refresh);

    private async Task<JsonElement> CredentialsAsync(Connector connector) =>
        await _engine.Get<CredentialVault>().OpenAsync(connector, CancellationToken.None);

    private async Task<Guid> CredentialIdAsync(Connector connector) =>
        (await _engine.Get<IOAuthStore>().FindCredentialAsync(connector.Id, CancellationToken.None))!.Value;

    private async Task<int> CountTokensAsync(Guid credential)
    {
        var all = await _engine.Get<IOAuthStore>().ListTokensNotUnderAsync("", 100, CancellationToken.None);
        return all.Count(tokens => tokens.Credential == credential);
    }
}
