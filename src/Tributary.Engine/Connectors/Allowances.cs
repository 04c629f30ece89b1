using Tributary.Engine.Outbound;
using Tributary.Engine.Store;
using Tributary.Sdk;

namespace Tributary.Engine.Connectors;

/// <summary>Sees to it that a workspace sends no more requests with shared credentials than it is allowed to.</summary>
public sealed class Allowances(
    IAllowanceStore store,
    SharedCredentials shared,
    IIntegrationCatalog catalog,
    TimeProvider time
)
{
    /// <summary>What a connector's requests pass before they leave; null when it has credentials of its own.</summary>
    /// <param name="connector">The connector.</param>
    /// <param name="waits">A run: it waits for room. A call is refused instead: <c>notEnoughCredits</c>.</param>
    public RequestMeter? MeterFor(Connector connector, bool waits) =>
        connector.UsesSharedCredentials && shared.Find(connector.IntegrationSlug) is { } offer
            ? MeterFor(connector.WorkspaceId, connector.IntegrationSlug, offer, waits)
            : null;

    /// <summary>As <see cref="MeterFor(Connector, bool)"/>, for a connector that may not exist yet.</summary>
    internal RequestMeter MeterFor(long workspaceId, string slug, SharedOffer offer, bool waits)
    {
        var integration = catalog.Find(slug)?.Manifest.Slug ?? slug;
        var allowance = offer.Allowance;
        return async cancellationToken =>
        {
            while (true)
            {
                var now = time.GetUtcNow();
                var room = await store
                    .TryUseAsync(
                        workspaceId,
                        integration,
                        LengthOf(allowance.Unit),
                        allowance.Max,
                        now,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                if (room is not { } until)
                {
                    return;
                }

                if (!waits)
                {
                    throw new EngineException(
                        RefusalKind.OutOfCredits,
                        $"The workspace has used up its {allowance.Max} requests a {allowance.Unit.ToString().ToLowerInvariant()} "
                            + $"with the shared credentials for {integration}. There is room again at {until:u}; or give the connector its own credentials.",
                        "notEnoughCredits"
                    );
                }

                await Task.Delay(until - now, time, cancellationToken).ConfigureAwait(false);
            }
        };
    }

    private static TimeSpan LengthOf(RateUnit unit) =>
        unit switch
        {
            RateUnit.Second => TimeSpan.FromSeconds(1),
            RateUnit.Minute => TimeSpan.FromMinutes(1),
            RateUnit.Hour => TimeSpan.FromHours(1),
            _ => TimeSpan.FromDays(1),
        };
}
