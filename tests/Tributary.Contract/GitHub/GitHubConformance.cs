using Tributary.Contract.Emulators;
using Tributary.Integrations.GitHub;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.GitHub;

public class GitHubConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new GitHubIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<GitHubEmulator>();
}
