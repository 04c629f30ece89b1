using Tributary.Integrations.File;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Integrations.Tests.File;

public class FileConformance : IntegrationConformance
{
    public override Integration Integration { get; } = new FileIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await Task.FromResult(new FolderSource());
}
