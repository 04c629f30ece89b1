using Tributary.Contract.Emulators;
using Tributary.Integrations.RequestTracker;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.RequestTracker;

public class RequestTrackerConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new RequestTrackerIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<RequestTrackerEmulator>();
}
