using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract.Emulators;

/// <summary>The conformance suite for an integration whose vendor is emulated: all that most of them need to say.</summary>
/// <typeparam name="TIntegration">The integration.</typeparam>
/// <typeparam name="TEmulator">Its vendor.</typeparam>
public abstract class VendorConformance<TIntegration, TEmulator> : IntegrationConformance
    where TIntegration : Integration, new()
    where TEmulator : VendorEmulator, new()
{
    public override Integration Integration { get; } = new TIntegration();

    protected override async Task<ConformanceSource> StartAsync() => await VendorEmulator.StartAsync<TEmulator>();
}
