using System.Text;
using Tributary.Integrations.S3;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.S3;

[Trait("Category", "Slow")]
public class RealS3Tests
{
    [Fact]
    public async Task A_real_server_is_read_to_its_end_and_kept_fresh()
    {
        await using var server = await S3Server.StartAsync();
        string[] odd = ["docs/größe & maß 🗺️.txt", "docs/plus+and blank%41.txt", "docs/(a)'!*~.txt"];
        for (var number = 0; number < 1_010; number++)
        {
            await server.PutAsync($"docs/{number:D4}.txt", $"Text number {number}.");
        }

        foreach (var key in odd)
        {
            await server.PutAsync(key, $"This is {key}.", department: "harbour");
        }

        await server.PutAsync("elsewhere/secret.txt", "Not below the prefix.");
        using var harness = Harness(server);

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        harness.Documents.Count.ShouldBe(1_010 + odd.Length, "more than a page");
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
        foreach (var key in odd)
        {
            var id = $"s3:{S3Server.Bucket}:{key}";
            Encoding.UTF8.GetString(harness.FileBytes[id]).ShouldBe($"This is {key}.");
            harness.Documents[id].Metadata["department"].ToString().ShouldBe("harbour");
        }

        await server.PutAsync("docs/0007.txt", "Another text.");
        await server.DeleteAsync("docs/0008.txt");
        var second = await harness.ReadAsync();

        second.Found.ShouldHaveSingleItem().Title.ShouldBe("0007.txt");
        (await harness.ListAsync()).ShouldNotContain($"s3:{S3Server.Bucket}:docs/0008.txt");
    }

    [Fact]
    public async Task What_a_real_server_refuses_is_said()
    {
        await using var server = await S3Server.StartAsync();
        using var harness = Harness(server, keyId: "UNKNOWN");
        (await Should.ThrowAsync<SourceException>(() => harness.CheckAsync())).Kind.ShouldBe(FailureKind.Credentials);

        using var lost = Harness(server, bucket: "no-such-bucket");
        (await Should.ThrowAsync<SourceException>(() => lost.CheckAsync())).Member.ShouldBe("config.bucket_name");
    }

    private static ReaderHarness Harness(
        S3Server server,
        string keyId = S3Server.Key,
        string bucket = S3Server.Bucket
    ) =>
        new(
            new S3Integration(),
            new S3Config
            {
                BucketName = bucket,
                Prefix = "docs",
                EndpointUrl = server.Address.AbsoluteUri,
            },
            new S3Credentials { AwsAccessKeyId = keyId, AwsSecretAccessKey = S3Server.Key }
        )
        {
            Time = TimeProvider.System,
        };
}
