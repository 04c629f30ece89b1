using Tributary.Contract.Emulators;
using Tributary.Integrations.GitLab;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.GitLab;

public class GitLabConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new GitLabIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<GitLabEmulator>();
}
