using Tributary.Engine.Audit;
using Tributary.Engine.Collections;
using Tributary.Engine.Connectors;
using Tributary.Engine.Files;
using Tributary.Engine.Ingestion;
using Tributary.Engine.Search;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Tests.Workspaces;

public class TenancyTests
{
    private static async Task<Caller> OtherAsync(EngineHarness engine)
    {
        var identity = engine.Get<IIdentityService>();
        var (_, token) = await identity.CreateWorkspaceAsync(engine.Caller, "other", "other@example.com", default);
        return (await identity.FindByTokenAsync(token, default))!;
    }

    [Fact]
    public async Task Everything_of_another_workspace_is_not_found()
    {
        await using var engine = await EngineHarness.StartAsync();
        engine.Source.Items["a"] = "apple";
        var connector = await engine.CreateAsync();
        await engine.FireAsync(connector);
        var collection = await engine
            .Get<ICollectionService>()
            .CreateAsync(engine.Caller, "C", [connector.Id], default);
        var file = await engine
            .Get<IFileVault>()
            .SaveAsync(engine.Caller, "f.txt", null, new MemoryStream([1]), default);
        var run = (await engine.LookAsync(connector)).LastRun!;
        var other = await OtherAsync(engine);

        async Task NotFound(Func<Task> attempt) =>
            (await Should.ThrowAsync<EngineException>(attempt)).Kind.ShouldBe(RefusalKind.NotFound);

        await NotFound(() => engine.Connectors.GetAsync(other, connector.Id, default));
        await NotFound(() => engine.Connectors.PauseAsync(other, connector.Id, default));
        await NotFound(() => engine.Connectors.DeleteAsync(other, connector.Id, default));
        await NotFound(() => engine.Connectors.GetMaskedCredentialsAsync(other, connector.Id, default));
        await NotFound(() => engine.Runs.RequestAsync(other, connector.Id, Engine.Runs.RunKind.Refresh, default));
        await NotFound(() => engine.Runs.GetAsync(other, run.Id, default));
        await NotFound(() => engine.Runs.CancelAsync(other, run.Id, default));
        await NotFound(() => engine.Get<ICollectionService>().GetAsync(other, collection.Id, default));
        await NotFound(() => engine.Get<ICollectionService>().CreateAsync(other, "C", [connector.Id], default));
        await NotFound(() => engine.Get<IFileVault>().OpenAsync(other, file.Id, default));
        await NotFound(() => engine.Get<IPushService>().ListAsync(other, connector.Id, 0, 10, default));
        await NotFound(() => engine.Get<IPushService>().PushAsync(other, connector.Id, [new() { Id = "x" }], default));
        (await engine.Connectors.ListAsync(other, new ConnectorFilter(), 0, 10, default)).ShouldBeEmpty();
        await NotFound(() => engine.Runs.ListAsync(other, connector.Id, long.MaxValue, 10, default));
        await NotFound(() => engine.Runs.ListFailuresAsync(other, connector.Id, true, long.MaxValue, 10, default));
        (await engine.Get<IAuditLog>().ListAsync(other, long.MaxValue, 10, default)).ShouldBeEmpty();
        (
            await engine.Get<ISearchService>().SearchAsync(other, new SearchRequest { Query = "apple" }, default)
        ).Hits.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_name_and_the_same_document_id_live_in_two_workspaces_apart()
    {
        await using var engine = await EngineHarness.StartAsync();
        var other = await OtherAsync(engine);
        var push = engine.Get<IPushService>();
        await push.PushAsync(engine.Caller, null, [new() { Id = "x", Title = "mine apple" }], default);
        await push.PushAsync(other, null, [new() { Id = "x", Title = "yours apple" }], default);

        (await push.ListAsync(engine.Caller, null, 0, 10, default)).ShouldHaveSingleItem().Title.ShouldBe("mine apple");
        await push.DeleteAsync(other, "x", default);
        (await engine.SearchAsync("apple")).ShouldBe(["x"]);
    }

    [Fact]
    public async Task Readers_look_editors_change_and_admins_manage()
    {
        await using var engine = await EngineHarness.StartAsync();
        var reader = engine.Caller with { Role = Role.Reader };
        var editor = engine.Caller with { Role = Role.Editor };
        var connector = await engine.CreateAsync();

        async Task Forbidden(Func<Task> attempt) =>
            (await Should.ThrowAsync<EngineException>(attempt)).Kind.ShouldBe(RefusalKind.Forbidden);

        await engine.Connectors.GetAsync(reader, connector.Id, default);
        await Forbidden(() => engine.Connectors.PauseAsync(reader, connector.Id, default));
        await Forbidden(() => engine.Connectors.DeleteAsync(reader, connector.Id, default));
        await Forbidden(() => engine.Runs.RequestAsync(reader, connector.Id, Engine.Runs.RunKind.Refresh, default));
        await Forbidden(() => engine.Get<IPushService>().PushAsync(reader, null, [], default));
        await Forbidden(() => engine.Get<ICollectionService>().CreateAsync(reader, "C", [], default));
        await Forbidden(() => engine.Get<IFileVault>().SaveAsync(reader, "f", null, Stream.Null, default));
        await engine.Connectors.PauseAsync(editor, connector.Id, default);
        await Forbidden(() => engine.Get<IIdentityService>().CreateTokenAsync(editor, "t", Role.Reader, null, default));
        await Forbidden(() => engine.Get<IAuditLog>().ListAsync(editor, long.MaxValue, 10, default));
    }

    [Fact]
    public async Task A_token_ends_when_it_expires_or_is_revoked_and_shows_its_last_use()
    {
        await using var engine = await EngineHarness.StartAsync();
        var identity = engine.Get<IIdentityService>();
        var expires = engine.Time.GetUtcNow().AddMinutes(10);
        var (token, secret) = await identity.CreateTokenAsync(engine.Caller, "ci", Role.Reader, expires, default);
        (await identity.FindByTokenAsync(secret, default))!.Role.ShouldBe(Role.Reader);
        (await identity.ListTokensAsync(engine.Caller, default))
            .Single(listed => listed.Id == token.Id)
            .LastUsedAt.ShouldBe(engine.Time.GetUtcNow());

        engine.Time.Advance(TimeSpan.FromMinutes(10));
        (await identity.FindByTokenAsync(secret, default)).ShouldBeNull();

        var (second, secondSecret) = await identity.CreateTokenAsync(engine.Caller, "cd", Role.Editor, null, default);
        (await identity.FindByTokenAsync(secondSecret, default)).ShouldNotBeNull();
        await identity.RevokeTokenAsync(engine.Caller, second.Id, default);
        (await identity.FindByTokenAsync(secondSecret, default)).ShouldBeNull();
    }

    [Fact]
    public async Task An_admin_token_that_the_operator_changes_replaces_the_one_before()
    {
        await using var engine = await EngineHarness.StartAsync();
        var identity = engine.Get<IIdentityService>();
        var (_, other) = await identity.CreateTokenAsync(engine.Caller, "ci", Role.Reader, null, default);

        (await identity.EnsureAdminAsync("another-admin-token", default)).ShouldBeNull();
        engine.Time.Advance(TimeSpan.FromMinutes(1));

        (await identity.FindByTokenAsync("another-admin-token", default))!.Role.ShouldBe(Role.Admin);
        (await identity.FindByTokenAsync(engine.AdminToken, default)).ShouldBeNull();
        (await identity.FindByTokenAsync(other, default)).ShouldNotBeNull();
        (await identity.LogInAsync("admin@localhost", "another-admin-token", default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Sessions_last_seven_days_and_end_with_the_log_out()
    {
        await using var engine = await EngineHarness.StartAsync();
        var identity = engine.Get<IIdentityService>();
        (await identity.LogInAsync("admin@localhost", "wrong", default)).ShouldBeNull();
        (await identity.LogInAsync("nobody@localhost", "wrong", default)).ShouldBeNull();
        var session = (await identity.LogInAsync("ADMIN@localhost", engine.AdminToken, default))!;
        (await identity.FindBySessionAsync(session, default))!.Role.ShouldBe(Role.Admin);
        engine.Time.Advance(TimeSpan.FromDays(7));
        (await identity.FindBySessionAsync(session, default)).ShouldBeNull();

        session = (await identity.LogInAsync("admin@localhost", engine.AdminToken, default))!;
        await identity.LogOutAsync(session, default);
        (await identity.FindBySessionAsync(session, default)).ShouldBeNull();
    }

    [Fact]
    public async Task The_audit_log_tells_who_did_what_and_no_secret()
    {
        await using var engine = await EngineHarness.StartAsync();
        var connector = await engine.CreateAsync(credentials: new { token = "planted-secret-value" });
        await engine.FireAsync(connector);
        await engine.RunAsync(connector, Engine.Runs.RunKind.Refresh);
        await engine.Connectors.UpdateAsync(engine.Caller, connector.Id, new() { Name = "New name" }, default);
        await engine.Connectors.DeleteAsync(engine.Caller, connector.Id, default);

        var entries = await engine.Get<IAuditLog>().ListAsync(engine.Caller, long.MaxValue, 50, default);
        entries
            .Select(entry => entry.Action)
            .ShouldBe(["connector.delete", "connector.update", "run.refresh", "connector.create"]);
        entries.ShouldAllBe(entry => entry.Actor == "admin");
        string.Join('\n', entries).ShouldNotContain("planted");
    }
}
