using System.Reflection;
using Tributary.Integrations.MediaWiki;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;

namespace Tributary.Contract;

public class EveryIntegrationConforms
{
    [Fact]
    public void Every_integration_has_a_conformance_class_of_its_own()
    {
        var integrations = Of<Integration>(typeof(MediaWikiIntegration).Assembly).Select(item => item.Manifest.Slug);
        var tested = new[] { Assembly.GetExecutingAssembly(), typeof(ManifestConformance).Assembly }
            .SelectMany(Of<ManifestConformance>)
            .Select(item => item.Integration.Manifest.Slug);

        integrations.Except(tested).ShouldBeEmpty("derive a class from IntegrationConformance in its folder of tests");
    }

    [Fact]
    public void No_two_integrations_share_a_name()
    {
        Of<Integration>(typeof(MediaWikiIntegration).Assembly)
            .SelectMany(item => item.Manifest.Aliases.Prepend(item.Manifest.Slug))
            .ShouldBeUnique();
    }

    private static IEnumerable<T> Of<T>(Assembly assembly) =>
        assembly
            .GetTypes()
            .Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract)
            .Select(type => (T)Activator.CreateInstance(type)!);
}
