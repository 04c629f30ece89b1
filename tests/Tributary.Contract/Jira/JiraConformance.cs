using Tributary.Contract.Emulators;
using Tributary.Integrations.Jira;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Jira;

public class JiraConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new JiraIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<JiraEmulator>();
}

public class JiraDataCenterConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new JiraIntegration();

    protected override async Task<ConformanceSource> StartAsync() =>
        await VendorEmulator.StartAsync<JiraDataCenterEmulator>();
}
