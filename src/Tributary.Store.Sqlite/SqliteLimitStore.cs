using System.Buffers.Binary;
using Tributary.Engine.Store;

namespace Tributary.Store.Sqlite;

/// <inheritdoc cref="ILimitStore"/>
internal sealed class SqliteLimitStore(SqliteDatabase database) : ILimitStore
{
    private const int UseSize = 12;
    private static readonly TimeSpan _longestWindow = TimeSpan.FromHours(25);

    public Task<LimitGrant> ExchangeAsync(LimitClaim claim, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var grant = LimitShares.Grant(claim, Others(session, claim));
                Renew(session, claim.Holder, claim.AliveUntil);
                if (grant.Reserve == 0 && claim.Wanted == 0 && claim.Used.Count == 0)
                {
                    session
                        .Prepare("DELETE FROM limit_claims WHERE connector_id = ? AND bucket = ? AND holder = ?")
                        .Add(claim.ConnectorId)
                        .Add((long)claim.Bucket)
                        .Add(claim.Holder)
                        .Run();
                    return grant;
                }

                session
                    .Prepare(
                        """
                        INSERT INTO limit_claims (connector_id, bucket, holder, reserve, wanted, used)
                        VALUES (?, ?, ?, ?, ?, ?)
                        ON CONFLICT (connector_id, bucket, holder)
                        DO UPDATE SET reserve = excluded.reserve, wanted = excluded.wanted, used = excluded.used
                        """
                    )
                    .Add(claim.ConnectorId)
                    .Add((long)claim.Bucket)
                    .Add(claim.Holder)
                    .Add((long)grant.Reserve)
                    .Add((long)claim.Wanted)
                    .Add(Pack(claim.Used))
                    .Run();
                return grant;
            },
            cancellationToken
        );

    public Task RenewAsync(string holder, DateTimeOffset until, CancellationToken cancellationToken) =>
        database.WriteAsync(session => Renew(session, holder, until), cancellationToken);

    public async ValueTask<LimitNews> GetNewsAsync(
        string holder,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var sharers = await database
            .ReadAsync(
                session =>
                    session
                        .Prepare(
                            """
                            SELECT mine.connector_id, mine.bucket,
                                   1 + (SELECT count(*) FROM limit_claims AS theirs
                                        JOIN limit_holders USING (holder)
                                        WHERE theirs.connector_id = mine.connector_id AND theirs.bucket = mine.bucket
                                          AND theirs.holder <> mine.holder AND alive_until > ?
                                          AND (theirs.reserve > 0 OR theirs.wanted > 0))
                            FROM limit_claims AS mine WHERE mine.holder = ?
                            """
                        )
                        .Add(now)
                        .Add(holder)
                        .ToList(static row => (row.Int64(0), row.Int32(1), row.Int32(2))),
                cancellationToken
            )
            .ConfigureAwait(false);
        return new LimitNews(sharers, await GetHoldsAsync(null, now, cancellationToken).ConfigureAwait(false));
    }

    public ValueTask<IReadOnlyList<LimitHold>> GetHoldsAsync(
        long? connectorId,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<IReadOnlyList<LimitHold>>(
            session =>
                (
                    connectorId is { } id
                        ? session
                            .Prepare(
                                "SELECT connector_id, origin, host, until FROM limit_holds WHERE connector_id = ? AND until > ?"
                            )
                            .Add(id)
                            .Add(now)
                        : session
                            .Prepare("SELECT connector_id, origin, host, until FROM limit_holds WHERE until > ?")
                            .Add(now)
                ).ToList(static row => new LimitHold(row.Int64(0), row.Text(1)!, row.Text(2)!, row.Time(3)!.Value)),
            cancellationToken
        );

    public Task HoldAsync(LimitHold hold, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
                session
                    .Prepare(
                        """
                        INSERT INTO limit_holds (connector_id, origin, host, until) VALUES (?, ?, ?, ?)
                        ON CONFLICT (connector_id, origin) DO UPDATE SET host = excluded.host, until = excluded.until
                        WHERE excluded.until > until
                        """
                    )
                    .Add(hold.ConnectorId)
                    .Add(hold.Origin)
                    .Add(hold.Host)
                    .Add(hold.Until)
                    .Run(),
            cancellationToken
        );

    public Task SweepAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                session
                    .Prepare(
                        "DELETE FROM limit_claims WHERE holder IN (SELECT holder FROM limit_holders WHERE alive_until < ?)"
                    )
                    .Add(now - _longestWindow)
                    .Run();
                session.Prepare("DELETE FROM limit_holders WHERE alive_until < ?").Add(now - _longestWindow).Run();
                session.Prepare("DELETE FROM limit_holds WHERE until < ?").Add(now).Run();
            },
            cancellationToken
        );

    private static List<LimitShare> Others(SqliteSession session, LimitClaim claim) =>
        session
            .Prepare(
                """
                SELECT holder, reserve, wanted, alive_until, used FROM limit_claims JOIN limit_holders USING (holder)
                WHERE connector_id = ? AND bucket = ? AND holder <> ?
                """
            )
            .Add(claim.ConnectorId)
            .Add((long)claim.Bucket)
            .Add(claim.Holder)
            .ToList(static row => new LimitShare(
                row.Text(0)!,
                row.Int32(1),
                row.Int64(2) > 0,
                row.Time(3)!.Value,
                Unpack(row.Blob(4))
            ));

    private static void Renew(SqliteSession session, string holder, DateTimeOffset until) =>
        session
            .Prepare(
                """
                INSERT INTO limit_holders (holder, alive_until) VALUES (?, ?)
                ON CONFLICT (holder) DO UPDATE SET alive_until = max(alive_until, excluded.alive_until)
                """
            )
            .Add(holder)
            .Add(until)
            .Run();

    private static byte[] Pack(IReadOnlyList<LimitUse> uses)
    {
        var bytes = new byte[uses.Count * UseSize];
        for (var i = 0; i < uses.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * UseSize), uses[i].At);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * UseSize + 8), uses[i].Count);
        }

        return bytes;
    }

    private static LimitUse[] Unpack(ReadOnlySpan<byte> bytes)
    {
        var uses = new LimitUse[bytes.Length / UseSize];
        for (var i = 0; i < uses.Length; i++)
        {
            uses[i] = new LimitUse(
                BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * UseSize)..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * UseSize + 8)..])
            );
        }

        return uses;
    }
}
