using Tributary.Integrations.R2;

namespace Tributary.Contract.R2;

public class R2Tests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_bucket_is_connected_kept_fresh_and_pruned() => SourceJourney.OfAsync<R2Emulator>(new R2Integration());

    [Theory]
    [InlineData(false, "https://0123.r2.cloudflarestorage.com/files", "default")]
    [InlineData(true, "https://0123.eu.r2.cloudflarestorage.com/files", "eu")]
    public void The_jurisdiction_decides_on_host_and_link(bool isEuropean, string bucket, string jurisdiction)
    {
        var store = R2Integration.StoreOf(
            new R2Config { BucketName = "files", EuropeanResidency = isEuropean },
            new R2Credentials
            {
                AccountId = "0123",
                R2AccessKeyId = "id",
                R2SecretAccessKey = "secret",
            }
        );

        store.BucketAt(store.Region).AbsoluteUri.ShouldBe(bucket);
        store.Region.ShouldBe("auto");
        store
            .LinkTo("a/b c.txt", store.Region)
            .ShouldBe(
                $"https://dash.cloudflare.com/0123/r2/{jurisdiction}/buckets/files/objects/a%2Fb%20c.txt/details"
            );
    }
}
