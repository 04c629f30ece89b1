using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite.Tests;

public sealed class OutboundTablesTests
{
    [Fact]
    public async Task What_is_known_of_a_connector_s_traffic_goes_with_it()
    {
        using var store = new StoreFixture();
        await store.AddWorkspaceAsync(1);
        await FillAsync(store, 1);
        await FillAsync(store, 2);

        await store.Database.WriteAsync(session => session.Execute("DELETE FROM connectors WHERE id = 1"));

        foreach (var table in new[] { "limit_claims", "limit_holds", "cached_answers", "cache_purges" })
        {
            (await CountAsync(store, $"SELECT count(*) FROM {table} WHERE connector_id = 1")).ShouldBe(0, table);
            (await CountAsync(store, $"SELECT count(*) FROM {table} WHERE connector_id = 2")).ShouldBe(1, table);
        }

        (await CountAsync(store, "SELECT total FROM cached_size")).ShouldBe(3);
    }

    [Fact]
    public async Task What_dead_processes_had_is_forgotten_after_more_than_a_day()
    {
        using var store = new StoreFixture();
        var limits = new SqliteLimitStore(store.Database);
        await FillAsync(store, 1);

        await limits.SweepAsync(StoreFixture.Now.AddHours(24), default);
        (await CountAsync(store, "SELECT count(*) FROM limit_claims")).ShouldBe(1);
        (await limits.GetHoldsAsync(null, StoreFixture.Now, default)).ShouldBeEmpty();
        await limits.SweepAsync(StoreFixture.Now.AddHours(26), default);
        (await CountAsync(store, "SELECT count(*) FROM limit_claims")).ShouldBe(0);
        (await CountAsync(store, "SELECT count(*) FROM limit_holders")).ShouldBe(0);
    }

    [Fact]
    public async Task The_longer_hold_wins()
    {
        using var store = new StoreFixture();
        var limits = new SqliteLimitStore(store.Database);
        var longer = new LimitHold(1, "", "host", StoreFixture.Now.AddMinutes(2));
        await limits.HoldAsync(longer, default);
        await limits.HoldAsync(longer with { Until = StoreFixture.Now.AddMinutes(1) }, default);
        await limits.HoldAsync(longer with { Origin = "http://other" }, default);

        (await limits.GetHoldsAsync(1, StoreFixture.Now, default)).ShouldBe([
            longer,
            longer with
            {
                Origin = "http://other",
            },
        ]);
        (await limits.GetHoldsAsync(2, StoreFixture.Now, default)).ShouldBeEmpty();
        (await limits.GetHoldsAsync(null, StoreFixture.Now.AddMinutes(2), default)).ShouldBeEmpty();
    }

    private static async Task FillAsync(StoreFixture store, long connector)
    {
        var (limits, cache) = (new SqliteLimitStore(store.Database), new SqliteCacheStore(store.Database));
        await limits.HoldAsync(new LimitHold(connector, "", "host", StoreFixture.Now.AddMinutes(1)), default);
        await limits.ExchangeAsync(
            new LimitClaim
            {
                ConnectorId = connector,
                Bucket = 0,
                Holder = "me",
                Max = 5,
                Window = TimeSpan.FromSeconds(1),
                Used = [new LimitUse(1, 2)],
                Kept = 0,
                Wanted = 5,
                Now = StoreFixture.Now,
                AliveUntil = StoreFixture.Now.AddSeconds(5),
            },
            default
        );
        await cache.PurgeAsync(connector, default);
        await cache.PutAsync(connector, [1], new CacheEntry([1, 2, 3], StoreFixture.Now), 1, 1_000, default);
    }

    private static async Task<long?> CountAsync(StoreFixture store, string sql) =>
        await store.Database.ReadAsync(session => session.Prepare(sql).Scalar());
}
