using Tributary.Integrations.GoogleCloudStorage;

namespace Tributary.Contract.GoogleCloudStorage;

public class GoogleCloudStorageTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_bucket_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<GoogleCloudStorageEmulator>(new GoogleCloudStorageIntegration());

    [Fact]
    public void Links_open_the_console()
    {
        var store = GoogleCloudStorageIntegration.StoreOf(new GoogleCloudStorageConfig { BucketName = "files" });

        store.BucketAt(store.Region).AbsoluteUri.ShouldBe("https://storage.googleapis.com/files");
        store
            .LinkTo("a/b c.txt", store.Region)
            .ShouldBe("https://console.cloud.google.com/storage/browser/_details/files/a/b%20c.txt");
    }
}
