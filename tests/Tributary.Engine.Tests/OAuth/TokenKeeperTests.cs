using System.Text;
using Tributary.Engine.OAuth;
using Tributary.Engine.Secrets;
using Tributary.Engine.Store;
using Tributary.Engine.Tests.Outbound;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;

namespace Tributary.Engine.Tests.OAuth;

/// <summary>Tokens are kept, shared and renewed one at a time, in one process and in several on the same store.</summary>
public sealed class TokenKeeperTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private EngineHarness _engine = null!;
    private TokenPlace _place = null!;
    private int _renewals;

    public async ValueTask InitializeAsync()
    {
        _engine = await EngineHarness.StartAsync();
        _place = new TokenPlace(_engine.Caller.WorkspaceId, Guid.NewGuid(), "name");
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task Kept_tokens_are_given_until_they_are_to_be_renewed()
    {
        var keeper = Process();

        (await GetAsync(keeper)).AccessToken.ShouldBe("access-1");
        _engine.Time.Advance(Hour - TimeSpan.FromTicks(1));
        (await GetAsync(keeper)).AccessToken.ShouldBe("access-1");
        (await GetAsync(Process())).AccessToken.ShouldBe("access-1");
        _engine.Time.Advance(TimeSpan.FromTicks(1));
        (await GetAsync(keeper)).AccessToken.ShouldBe("access-2");
    }

    [Fact]
    public async Task A_renewal_is_given_what_is_kept_and_loses_nothing_of_it()
    {
        var keeper = Process();
        await GetAsync(keeper);
        _engine.Time.Advance(Hour);
        TokenSet? given = null;

        await keeper.GetAsync(_place, null, (kept, _) => Task.FromResult(given = kept!), CancellationToken.None);

        given!.AccessToken.ShouldBe("access-1");
        given.RefreshToken.ShouldBe("refresh-1");
        given.RenewAt.ShouldBe(_engine.Time.GetUtcNow());
    }

    [Fact]
    public async Task A_refused_token_is_renewed_however_fresh_it_is_and_only_if_it_is_the_kept_one()
    {
        var keeper = Process();
        await GetAsync(keeper);

        (await GetAsync(keeper, refused: "access-1")).AccessToken.ShouldBe("access-2");
        (await GetAsync(keeper, refused: "access-1")).AccessToken.ShouldBe("access-2");
        _renewals.ShouldBe(2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Simultaneous_renewals_are_one_request(int processes)
    {
        var release = new TaskCompletionSource();
        var keepers = Enumerable.Range(0, processes).Select(_ => Process()).ToList();
        var waiting = Enumerable
            .Range(0, 20)
            .Select(i => GetAsync(keepers[i % processes], until: release.Task))
            .ToList();
        await Eventually.Holds(() => _renewals > 0, "somebody renews");
        if (processes > 1)
        {
            await Eventually.Holds(() => _engine.Time.WaitingTimers > 1, "the other process waits");
        }

        release.SetResult();
        var all = Task.WhenAll(waiting);
        await _engine.Time.WhileAdvancing(all);

        (await all).Select(tokens => tokens.AccessToken).Distinct().ShouldBe(["access-1"]);
        _renewals.ShouldBe(1);
    }

    [Fact]
    public async Task Others_do_not_wait_for_a_renewal_that_is_not_theirs()
    {
        var never = new TaskCompletionSource();
        var keeper = Process();
        var waiting = GetAsync(keeper, until: never.Task);
        await Eventually.Holds(() => _renewals > 0, "somebody renews");

        _place = _place with { Name = "another" };
        (await GetAsync(keeper)).AccessToken.ShouldBe("access-2");

        never.SetResult();
        await waiting;
    }

    [Fact]
    public async Task Tokens_are_saved_before_they_are_used()
    {
        var keeper = Process();
        _engine.Faults.FailNext(nameof(IOAuthStore.SaveTokensAsync), new IOException("disk full"));

        await Should.ThrowAsync<IOException>(() => GetAsync(keeper));

        // What was swapped is not lost: it is saved as soon as that can be done, and nothing is swapped again.
        (await GetAsync(keeper)).AccessToken.ShouldBe("access-1");
        _renewals.ShouldBe(1);
        (await GetAsync(Process())).AccessToken.ShouldBe("access-1");
    }

    [Fact]
    public async Task A_caller_who_gives_up_does_not_break_off_the_swap()
    {
        var release = new TaskCompletionSource();
        using var cancel = new CancellationTokenSource();
        var keeper = Process();
        var abandoned = GetAsync(keeper, until: release.Task, cancellationToken: cancel.Token);
        await Eventually.Holds(() => _renewals > 0, "the swap goes on");

        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => abandoned);
        release.SetResult();

        (await GetAsync(keeper)).AccessToken.ShouldBe("access-1");
        _renewals.ShouldBe(1);
    }

    [Fact]
    public async Task After_a_crash_in_mid_renewal_others_go_on_when_the_lease_is_over()
    {
        // The process dies after the swap: neither are the tokens saved nor is the lease given back.
        _engine.Faults.FailNext(nameof(IOAuthStore.SaveTokensAsync), new IOException("killed"));
        _engine.Faults.FailNext(nameof(IOAuthStore.ReleaseAsync), new IOException("killed"));
        await Should.ThrowAsync<IOException>(() => GetAsync(Process()));
        var start = _engine.Time.GetUtcNow();

        var next = GetAsync(Process());
        await _engine.Time.WhileAdvancing(next);

        (await next).AccessToken.ShouldBe("access-2");
        (_engine.Time.GetUtcNow() - start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(119));
    }

    [Fact]
    public async Task A_renewal_that_fails_lets_the_next_one_try()
    {
        var keeper = Process();
        await Should.ThrowAsync<SourceException>(() =>
            keeper.GetAsync(
                _place,
                null,
                (_, _) => throw new SourceException(FailureKind.Transient, "busy"),
                CancellationToken.None
            )
        );

        (await GetAsync(keeper)).AccessToken.ShouldBe("access-1");
    }

    [Fact]
    public async Task A_renewal_that_never_ends_is_ended()
    {
        var renewal = Process()
            .GetAsync(
                _place,
                null,
                async (_, cancellationToken) =>
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    throw new InvalidOperationException();
                },
                CancellationToken.None
            );
        await Eventually.Holds(() => _engine.Time.WaitingTimers > 0, "it is timed");
        _engine.Time.Advance(TimeSpan.FromSeconds(89));
        renewal.IsCompleted.ShouldBeFalse();
        _engine.Time.Advance(TimeSpan.FromSeconds(1));

        var failure = await Should.ThrowAsync<SourceException>(() => renewal);

        failure.Kind.ShouldBe(FailureKind.Transient);
        failure.Message.ShouldContain("90 seconds");
    }

    [Fact]
    public async Task A_source_that_is_given_the_refused_token_again_is_not_asked_for_ever()
    {
        var keeper = Process();
        var same = new TokenSet { AccessToken = "always" };

        var tokens = await keeper.GetAsync(_place, "always", (_, _) => Task.FromResult(same), CancellationToken.None);

        tokens.AccessToken.ShouldBe("always");
    }

    [Fact]
    public async Task The_database_alone_tells_no_token()
    {
        await GetAsync(Process());

        foreach (var file in Directory.GetFiles(_engine.Folder, "tributary.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes);
            var text = Encoding.Latin1.GetString(bytes.ToArray());
            text.ShouldNotContain("access-1");
            text.ShouldNotContain("refresh-1");
        }
    }

    [Fact]
    public async Task Tokens_do_not_open_in_another_place()
    {
        await GetAsync(Process());
        var stored = (await Store.FindTokensAsync(_place.Credential, "name", CancellationToken.None))!;
        var elsewhere = _place with { Credential = Guid.NewGuid() };
        await Store.SaveTokensAsync(
            stored with
            {
                Credential = elsewhere.Credential,
            },
            _engine.Time.GetUtcNow(),
            CancellationToken.None
        );
        _place = elsewhere;

        await Should.ThrowAsync<System.Security.Cryptography.CryptographicException>(() => GetAsync(Process()));
    }

    [Fact]
    public async Task Key_rotation_wraps_tokens_anew_and_ends_sign_ins()
    {
        await GetAsync(Process());
        var before = (await Store.FindTokensAsync(_place.Credential, "name", CancellationToken.None))!;
        var tickets = _engine.Get<TicketOffice>();
        await tickets.IssueAsync(_engine.Caller, "i", TicketKind.State, "shown", [1], CancellationToken.None);

        await _engine.Get<KeyRotation>().RotateAsync(CancellationToken.None);

        var after = (await Store.FindTokensAsync(_place.Credential, "name", CancellationToken.None))!;
        after.KeyId.ShouldNotBe(before.KeyId);
        (await GetAsync(Process())).AccessToken.ShouldBe("access-1");
        (
            await tickets.RedeemAsync(_engine.Caller, "i", TicketKind.State, "shown", CancellationToken.None)
        ).ShouldBeNull();
    }

    [Fact]
    public async Task A_ring_that_lacks_the_key_of_tokens_is_refused_at_the_start()
    {
        await GetAsync(Process());
        var stored = (await Store.FindTokensAsync(_place.Credential, "name", CancellationToken.None))!;

        (await _engine.Get<IConnectorStore>().ListKeyIdsInUseAsync(CancellationToken.None)).ShouldContain(stored.KeyId);
    }

    [Fact]
    public async Task Tokens_of_a_draft_that_is_never_stored_are_discarded_after_a_day()
    {
        await GetAsync(Process());
        _engine.Time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        var draft = _place;
        _place = _place with { Credential = Guid.NewGuid() };
        await GetAsync(Process());

        (await Store.FindTokensAsync(draft.Credential, "name", CancellationToken.None)).ShouldBeNull();
        (await Store.FindTokensAsync(_place.Credential, "name", CancellationToken.None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Only_tokens_that_cannot_be_renewed_are_discarded_when_they_expire()
    {
        var now = _engine.Time.GetUtcNow();
        var draftIsOver = now.AddDays(1);

        (await OverAtAsync(refreshToken: null, renewAt: now + Hour)).ShouldBe(now + Hour);
        (await OverAtAsync(refreshToken: "r", renewAt: now + Hour)).ShouldBe(draftIsOver);
        (await OverAtAsync(refreshToken: "r", renewAt: null)).ShouldBe(draftIsOver);
        (await OverAtAsync(refreshToken: null, renewAt: null)).ShouldBe(draftIsOver);

        async Task<DateTimeOffset?> OverAtAsync(string? refreshToken, DateTimeOffset? renewAt)
        {
            _place = _place with { Credential = Guid.NewGuid() };
            var tokens = new TokenSet
            {
                AccessToken = "a",
                RefreshToken = refreshToken,
                RenewAt = renewAt,
            };
            await Process().GetAsync(_place, null, (_, _) => Task.FromResult(tokens), CancellationToken.None);
            return (await Store.FindTokensAsync(_place.Credential, _place.Name, CancellationToken.None))!.OverAt;
        }
    }

    [Fact]
    public async Task Whoever_is_given_the_refused_token_by_a_renewal_under_way_renews_it_again()
    {
        var release = new TaskCompletionSource();
        var keeper = Process();
        var first = GetAsync(keeper, until: release.Task);
        var second = GetAsync(keeper, refused: "access-1");

        release.SetResult();

        (await first).AccessToken.ShouldBe("access-1");
        (await second).AccessToken.ShouldBe("access-2");
    }

    [Fact]
    public async Task Whoever_has_renewed_tokens_lets_others_renew_them_at_once()
    {
        await GetAsync(Process());
        var now = _engine.Time.GetUtcNow();

        var other = new TokenLease(_place.Credential, _place.Name, Guid.NewGuid(), now + Hour);

        (await Store.TryLeaseAsync(other, now, CancellationToken.None)).ShouldBeTrue();
    }

    [Fact]
    public async Task Newer_tokens_of_another_process_are_not_overwritten()
    {
        var keeper = Process();
        await GetAsync(keeper);
        (await GetAsync(Process(), refused: "access-1")).AccessToken.ShouldBe("access-2");

        (await GetAsync(keeper, refused: "access-2")).AccessToken.ShouldBe("access-3");
    }

    [Fact]
    public async Task Tokens_belong_to_the_credential_of_a_connector_and_may_be_fetched_before_it_exists()
    {
        var connector = await _engine.CreateAsync();
        var credential = (await Store.FindCredentialAsync(connector.Id, CancellationToken.None))!.Value;
        _place = _place with { Credential = credential };
        var draft = Process().For(_engine.Caller.WorkspaceId, 0, credential);
        var stored = Process().For(_engine.Caller.WorkspaceId, connector.Id, null);

        (await GetAsync(draft)).AccessToken.ShouldBe("access-1");
        (await GetAsync(stored)).AccessToken.ShouldBe("access-1");
        (await GetAsync(Process())).AccessToken.ShouldBe("access-1");

        stored.Used.ShouldBe([_place.Name]);
    }

    [Fact]
    public async Task A_connector_that_is_gone_has_no_tokens()
    {
        var tokens = Process().For(_engine.Caller.WorkspaceId, 404, null);

        (await Should.ThrowAsync<EngineException>(() => GetAsync(tokens))).Message.ShouldContain("404");
    }

    private IOAuthStore Store => _engine.Get<IOAuthStore>();

    private TokenKeeper Process() => new(Store, _engine.Get<SecretBox>(), _engine.Time);

    private Task<TokenSet> GetAsync(
        TokenKeeper keeper,
        string? refused = null,
        Task? until = null,
        CancellationToken cancellationToken = default
    ) => keeper.GetAsync(_place, refused, RenewalUntil(until ?? Task.CompletedTask), cancellationToken);

    private Task<TokenSet> GetAsync(CredentialTokens tokens) =>
        tokens.GetAsync(_place.Name, null, RenewalUntil(Task.CompletedTask), CancellationToken.None);

    /// <summary>Counts, and gives tokens for an hour when the task is complete.</summary>
    private Func<TokenSet?, CancellationToken, Task<TokenSet>> RenewalUntil(Task until) =>
        async (_, _) =>
        {
            var number = Interlocked.Increment(ref _renewals);
            await until;
            return new TokenSet
            {
                AccessToken = $"access-{number}",
                RefreshToken = $"refresh-{number}",
                RenewAt = _engine.Time.GetUtcNow() + Hour,
            };
        };
}
