using Tributary.Contract.Emulators;
using Tributary.Integrations.Teams;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Teams;

public class TeamsConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new TeamsIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<TeamsEmulator>();
}
