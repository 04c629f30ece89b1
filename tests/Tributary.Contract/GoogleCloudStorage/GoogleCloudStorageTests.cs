using Tributary.Contract.Emulators;
using Tributary.Contract.ObjectStorage;
using Tributary.Integrations.GoogleCloudStorage;
using Tributary.Testing.Readers;

namespace Tributary.Contract.GoogleCloudStorage;

public class GoogleCloudStorageTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_bucket_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<GoogleCloudStorageEmulator>(new GoogleCloudStorageIntegration());

    [Fact]
    public async Task The_key_file_of_a_service_account_does_in_place_of_an_HMAC_key()
    {
        await using var bucket = await VendorEmulator.StartAsync<GoogleCloudStorageAccountEmulator>(Company.Seeded());
        using var harness = new ReaderHarness(new GoogleCloudStorageIntegration(), bucket.Config, bucket.Credentials);

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.ShouldNotBeEmpty();
        bucket
            .Claims.GetProperty("scope")
            .GetString()
            .ShouldBe("https://www.googleapis.com/auth/devstorage.read_only", "it may read and nothing else");
    }

    [Fact]
    public void Either_kind_of_key_has_to_be_whole()
    {
        new GoogleCloudStorageCredentials().Validate().Count().ShouldBe(2);
        new GoogleCloudStorageCredentials { AccessKeyId = "GOOG1" }
            .Validate()
            .ShouldHaveSingleItem();
        new GoogleCloudStorageCredentials { GoogleServiceAccountKey = "{}" }
            .Validate()
            .ShouldBeEmpty();
    }

    [Fact]
    public async Task Metadata_of_an_object_is_kept_in_either_spelling()
    {
        await using var bucket = await VendorEmulator.StartAsync<GoogleCloudStorageEmulator>();
        bucket.Objects.Add(
            new StoredObject("docs/plan.pdf", "%PDF")
            {
                Headers = new() { ["x-goog-meta-department"] = "harbour", ["x-amz-meta-owner"] = "Ada" },
            }
        );
        using var harness = new ReaderHarness(new GoogleCloudStorageIntegration(), bucket.Config, bucket.Credentials);

        await harness.ReadAsync();

        var plan = harness.Documents.Values.ShouldHaveSingleItem();
        plan.Metadata["department"].ToString().ShouldBe("harbour");
        plan.Metadata["owner"].ToString().ShouldBe("Ada");
    }

    [Fact]
    public void The_region_is_of_no_meaning_here_and_may_be_anything()
    {
        new GoogleCloudStorageConfig { BucketName = "files", RegionName = "EUROPE WEST" }
            .Validate()
            .ShouldBeEmpty();
    }

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
