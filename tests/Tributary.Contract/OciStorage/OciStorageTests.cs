using Tributary.Integrations.OciStorage;

namespace Tributary.Contract.OciStorage;

public class OciStorageTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_bucket_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<OciStorageEmulator>(new OciStorageIntegration());

    [Fact]
    public void Namespace_and_region_decide_on_host_and_link()
    {
        var store = OciStorageIntegration.StoreOf(
            new OciStorageConfig { BucketName = "Files_1" },
            new OciStorageCredentials
            {
                Namespace = "axaxnpcrorw5",
                Region = "eu-frankfurt-1",
                AccessKeyId = "id",
                SecretAccessKey = "secret",
            }
        );

        store
            .BucketAt(store.Region)
            .AbsoluteUri.ShouldBe("https://axaxnpcrorw5.compat.objectstorage.eu-frankfurt-1.oraclecloud.com/Files_1");
        store
            .LinkTo("a/b c.txt", store.Region)
            .ShouldBe("https://objectstorage.eu-frankfurt-1.oraclecloud.com/n/axaxnpcrorw5/b/Files_1/o/a%2Fb%20c.txt");
    }
}
