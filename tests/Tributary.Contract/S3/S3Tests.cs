using System.IO.Compression;
using System.Text;
using Tributary.Contract.Emulators;
using Tributary.Contract.ObjectStorage;
using Tributary.Integrations.S3;
using Tributary.Sdk;
using Tributary.Sdk.Reading;
using Tributary.Testing.Readers;

namespace Tributary.Contract.S3;

public class S3Tests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_bucket_is_connected_kept_fresh_and_pruned() => SourceJourney.OfAsync<S3Emulator>(new S3Integration());

    [Fact]
    public async Task The_region_is_found_out()
    {
        await using var bucket = await VendorEmulator.StartAsync<S3Emulator>(Company.Seeded());
        using var harness = Harness(bucket);

        await harness.CheckAsync();

        var regions = bucket.Exchanges.Select(exchange => exchange.Headers["Authorization"].Split('/')[2]).ToList();
        regions.ShouldBe(["us-east-1", "eu-central-1", "eu-central-1"]);
        bucket.Exchanges.Last().Headers["Range"].ShouldBe("bytes=0-0", "nothing is downloaded to check the right");
    }

    [Fact]
    public async Task Keys_are_names_whatever_is_in_them()
    {
        string[] keys =
        [
            "docs/plus+and blank%41.txt",
            "docs//twice.txt",
            "docs/a/../b.txt",
            "docs/./c.txt",
            "docs/größe 🗺️ & <Maß>?#.txt",
            "docs/control\u0001and\nbreak.txt",
        ];
        await using var bucket = await VendorEmulator.StartAsync<S3Emulator>();
        bucket.Objects.AddRange(keys.Select(key => new StoredObject(key, $"This is {key}.")));
        using var harness = Harness(bucket);

        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        harness.Documents.Keys.Select(id => id["s3:company-documents:".Length..]).ShouldBe(keys, ignoreOrder: true);
        keys.ShouldAllBe(key =>
            Encoding.UTF8.GetString(harness.FileBytes[$"s3:company-documents:{key}"]) == $"This is {key}."
        );
    }

    [Fact]
    public async Task What_the_object_and_its_first_line_say_is_kept()
    {
        await using var bucket = await VendorEmulator.StartAsync<S3Emulator>();
        const string Line =
            """#ONYX_METADATA={"link": "https://wiki.example.com/7", "file_display_name": "Keys", "primary_owners": ["ada@example.com"], "doc_updated_at": "2024-02-03T00:00:00Z", "status": "final"}""";
        bucket.Objects.Add(
            new StoredObject("docs/keys.txt", Line + "\nThe keys hang behind the door.")
            {
                Headers = new() { ["x-amz-meta-Department"] = "harbour" },
            }
        );
        bucket.Objects.Add(new StoredObject("docs/plan.pdf", "%PDF") { ContentType = "application/pdf" });
        using var harness = Harness(bucket);

        await harness.ReadAsync();

        var keys = harness.Documents["s3:company-documents:docs/keys.txt"];
        keys.Title.ShouldBe("Keys");
        keys.Link.ShouldBe("https://wiki.example.com/7");
        keys.PrimaryOwners.ShouldHaveSingleItem().Email.ShouldBe("ada@example.com");
        keys.UpdatedAt.ShouldBe(new DateTimeOffset(2024, 2, 3, 0, 0, 0, TimeSpan.Zero));
        keys.Metadata["status"].ToString().ShouldBe("final");
        keys.Metadata["department"].ToString().ShouldBe("harbour");
        Encoding.UTF8.GetString(harness.FileBytes[keys.Id]).ShouldBe("The keys hang behind the door.");
        var plan = harness.Documents["s3:company-documents:docs/plan.pdf"];
        plan.Title.ShouldBe("plan.pdf");
        plan.File!.ContentType.ShouldBe("application/pdf");
        plan.UpdatedAt.ShouldBe(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Encoding.UTF8.GetString(harness.FileBytes[plan.Id]).ShouldBe("%PDF");
    }

    [Fact]
    public async Task A_packed_object_is_unpacked()
    {
        await using var bucket = await VendorEmulator.StartAsync<S3Emulator>();
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress))
        {
            gzip.Write("Packed tightly."u8);
        }

        bucket.Objects.Add(
            new StoredObject("docs/packed.txt", "")
            {
                Packed = packed.ToArray(),
                Headers = new() { ["Content-Encoding"] = "gzip" },
            }
        );
        using var harness = Harness(bucket);

        await harness.ReadAsync();

        Encoding.UTF8.GetString(harness.FileBytes.Values.Single()).ShouldBe("Packed tightly.");
    }

    [Fact]
    public async Task Folders_empty_objects_and_archived_ones_are_left_out()
    {
        await using var bucket = await VendorEmulator.StartAsync<S3Emulator>(Company.Seeded());
        bucket.Objects.Add(new StoredObject("docs/frozen.pdf", "ice") { IsFrozen = true });
        using var harness = Harness(bucket);

        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        run.Skipped.Select(item => item.ItemId)
            .ShouldBe(
                [
                    "s3:company-documents:docs/archived.txt",
                    "s3:company-documents:docs/empty.txt",
                    "s3:company-documents:docs/frozen.pdf",
                ],
                ignoreOrder: true
            );
        harness.Documents.Count.ShouldBe(bucket.Company.Items.Count + 1, "one has an attachment");
    }

    [Fact]
    public async Task A_refresh_fetches_what_has_another_content_and_nothing_else()
    {
        await using var bucket = await VendorEmulator.StartAsync<S3Emulator>();
        await bucket.FillAsync(30);
        using var harness = Harness(bucket);
        await harness.ReadAsync();
        await bucket.Change(() => bucket.Company["item 4"].UpdatedAt += TimeSpan.FromDays(1));
        await bucket.ChangeAsync("item 5");
        bucket.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("item 5.txt");
        bucket.Exchanges.Count(exchange => exchange.Path.Contains("/docs/")).ShouldBe(1);
    }

    [Fact]
    public async Task A_read_goes_on_after_its_last_key()
    {
        await using var bucket = await VendorEmulator.StartAsync<S3Emulator>();
        await bucket.FillAsync(30);
        using var harness = Harness(bucket);
        await harness.ReadAsync(crashAfter: 25);
        bucket.Exchanges.Clear();

        await harness.ReadAsync();

        bucket.Exchanges.ShouldContain(exchange => exchange.Query.Any(pair => pair.Key == "start-after"));
        bucket.Exchanges.Count(exchange => exchange.Path.Contains("/docs/")).ShouldBeLessThan(20);
        harness.Documents.Count.ShouldBe(30);
    }

    [Fact]
    public async Task A_store_without_the_headers_of_S3_is_read_and_fetched_once()
    {
        await using var bucket = await VendorEmulator.StartAsync<S3Emulator>();
        await bucket.FillAsync(12);
        bucket.Objects.Add(new StoredObject("docs/plan.pdf", "%PDF") { ContentType = "application/pdf" });
        bucket.HasObjectHeaders = false;
        using var harness = Harness(bucket);

        await harness.CheckAsync();
        var first = await harness.ReadAsync();
        var second = await harness.ReadAsync();

        first.Failed.ShouldBeEmpty();
        harness.Documents.Count.ShouldBe(13);
        Encoding.UTF8.GetString(harness.FileBytes["s3:company-documents:docs/plan.pdf"]).ShouldBe("%PDF");
        second.Unchanged.Count.ShouldBe(13, "the listing's ETags tell what has changed");
    }

    [Theory]
    [InlineData(true, "true")]
    [InlineData(false, "True")]
    public async Task Every_way_to_say_that_a_listing_goes_on_is_followed(bool isVersion1, string yes)
    {
        await using var bucket = await VendorEmulator.StartAsync<S3Emulator>();
        await bucket.FillAsync(35);
        (bucket.KnowsVersion1Only, bucket.True) = (isVersion1, yes);
        using var harness = Harness(bucket);

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(35);
        (await harness.ListAsync()).ShouldBe(harness.Documents.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_bucket_that_is_gone_in_the_middle_of_a_run_deletes_nothing()
    {
        await using var bucket = await VendorEmulator.StartAsync<S3Emulator>();
        await bucket.FillAsync(3);
        using var harness = Harness(bucket);
        await harness.ReadAsync();
        await bucket.ChangeAsync("item 1");
        bucket.HasNoObjects = true;

        var failure = await Should.ThrowAsync<SourceException>(() => harness.ReadAsync());

        failure.Message.ShouldContain("NoSuchBucket");
        harness.Documents.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Only_what_is_below_the_prefix_is_read()
    {
        await using var bucket = await VendorEmulator.StartAsync<S3Emulator>(Company.Seeded());
        using var harness = Harness(bucket);
        harness.Config = (S3Config)bucket.Config with { Prefix = "docs/engineering" };

        await harness.ReadAsync();

        harness.Documents.Values.Select(document => document.Title).ShouldContain("A long discussion.txt");
        harness.Documents.Keys.ShouldAllBe(id => id.StartsWith("s3:company-documents:docs/engineering/"));
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Theory]
    [InlineData(null, null, "https://s3.console.aws.amazon.com/s3/object/files?region=us-east-1&prefix=a/b%20c.txt")]
    [InlineData(
        "us-gov-west-1",
        null,
        "https://console.amazonaws-us-gov.com/s3/object/files?region=us-gov-west-1&prefix=a/b%20c.txt"
    )]
    [InlineData(
        "cn-north-1",
        null,
        "https://console.amazonaws.cn/s3/object/files?region=cn-north-1&prefix=a/b%20c.txt"
    )]
    [InlineData(null, "https://minio.example.com", "https://minio.example.com/files/a/b%20c.txt")]
    [InlineData(
        "eu-west-1",
        "http://127.0.0.1:9000",
        "https://s3.console.aws.amazon.com/s3/object/files?region=eu-west-1&prefix=a/b%20c.txt"
    )]
    public void Links_open_the_console_and_those_of_other_stores_the_object(
        string? region,
        string? endpoint,
        string link
    )
    {
        var config = new S3Config
        {
            BucketName = "files",
            RegionName = region,
            EndpointUrl = endpoint,
        };
        var store = S3Store.Of(config);

        store.LinkTo("a/b c.txt", store.Region).ShouldBe(link);
        S3Store
            .Of(config with { LinkBase = "https://files.example.com/x" })
            .LinkTo("a/b c.txt", store.Region)
            .ShouldBe("https://files.example.com/x/a/b%20c.txt");
    }

    [Theory]
    [InlineData(null, "https://s3.us-east-1.amazonaws.com/files", "https://sts.us-east-1.amazonaws.com/")]
    [InlineData(
        "cn-north-1",
        "https://s3.cn-north-1.amazonaws.com.cn/files",
        "https://sts.cn-north-1.amazonaws.com.cn/"
    )]
    public void The_partition_follows_from_the_region(string? region, string bucket, string tokens)
    {
        var config = new S3Config { BucketName = "files", RegionName = region };
        var store = S3Store.Of(config);

        store.BucketAt(store.Region).AbsoluteUri.ShouldBe(bucket);
        S3Store.TokenServiceOf(config, store.Region).ShouldBe(tokens);
        S3Store.Of(config with { ForcePathStyle = false }).BucketAt(store.Region).Host.ShouldStartWith("files.s3.");
    }

    [Fact]
    public void Credentials_say_what_is_missing()
    {
        new S3Credentials().Validate().Select(problem => problem.Path[0]).ShouldContain("aws_access_key_id");
        new S3Credentials { AwsAccessKeyId = "AKIA" }
            .Validate()
            .ShouldHaveSingleItem()
            .Path[0]
            .ShouldBe("aws_secret_access_key");
        var role = new S3Credentials { AwsRoleArn = "arn:aws:iam::123456789012:role/reader" };
        role.Validate().ShouldBeEmpty();
        role.Method.ShouldBe(S3Authentication.IamRole, "a role alone says how");
    }

    private static ReaderHarness Harness(S3Emulator bucket) =>
        new(new S3Integration(), bucket.Config, bucket.Credentials);
}
