using Tributary.Api.Http;
using Tributary.Engine.Audit;

namespace Tributary.Api.Clarm.Access;

/// <summary>GET /v1/audit.</summary>
internal static class AuditEndpoint
{
    public static void Map(DialectRoutes routes) =>
        routes
            .Map("GET", "/v1/audit", ListAsync, "Who did what, newest first")
            .Asks<PageQuery>()
            .Answers<Page<AuditEntry>>();

    private static async Task ListAsync(Exchange exchange)
    {
        var query = exchange.Query<PageQuery>();
        var rows = await exchange
            .Get<IAuditLog>()
            .ListAsync(exchange.Caller, query.AfterId(long.MaxValue), query.Limit + 1, exchange.Aborted);
        await exchange.WriteAsync(
            Page.Of(rows, query.Limit, row => row, row => Page.Cursor(row.Id)),
            ClarmJson.Wire.PageAuditEntry
        );
    }
}
