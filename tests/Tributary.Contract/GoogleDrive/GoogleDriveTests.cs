using Tributary.Contract.Emulators;
using Tributary.Integrations.GoogleDrive;
using Tributary.Testing.Readers;

namespace Tributary.Contract.GoogleDrive;

public class GoogleDriveTests
{
    private const string Google = "application/vnd.google-apps.";

    [Fact]
    [Trait("Category", "Slow")]
    public Task A_drive_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<GoogleDriveEmulator>(new GoogleDriveIntegration());

    [Fact]
    public async Task Headings_of_a_document_are_sections_with_links()
    {
        await using var drive = await StartAsync();
        using var harness = Harness(drive);

        await harness.ReadAsync();

        var thread = harness.Documents.Values.Single(document => document.Title == "A long discussion");
        thread.Sections.Count.ShouldBe(46);
        thread.Sections[1].Heading.ShouldStartWith("Reply ");
        thread
            .Sections[1]
            .Link.ShouldBe(
                $"https://docs.google.com/document/d/{thread.Id}/edit#heading=h.{thread.Sections[1].Heading![6..]}"
            );
        thread.Metadata["path"].ToString().ShouldBe("Engineering");
        thread.Metadata["drive"].ToString().ShouldBe("Engineering");
        var file = harness.Documents.Values.Single(document => document.Title == "figures.txt");
        System.Text.Encoding.UTF8.GetString(harness.FileBytes[file.Id]).ShouldContain("4711 anchors");
    }

    [Fact]
    public async Task Readers_are_those_of_the_drive_and_of_the_file()
    {
        await using var drive = await StartAsync();
        using var harness = Harness(drive);

        await harness.ReadAsync();

        var welcome = harness.Documents.Values.Single(document => document.Title == "Welcome").Access!;
        welcome.Users.ShouldBe(["juergen.gross@example.com", "ada@example.com"]);
        welcome.Groups.ShouldBe(["google_drive_staff@example.com"]);
        harness.Documents.Values.Single(document => document.Title == "Board minutes").Access!.Groups.ShouldBeEmpty();
        harness
            .Documents.Values.Single(document => document.Title == "A long discussion")
            .Access!.Groups.ShouldBe(["google_drive_engineers@example.com"]);
    }

    [Fact]
    public async Task A_file_of_somebody_outside_is_readable_by_who_found_it()
    {
        await using var drive = await StartAsync();
        drive.Extras.Add(Upload(9_001, "foreign") with { Owner = "eve@elsewhere.test", HidesGrants = true });
        using var harness = Harness(drive);

        await harness.ReadAsync();

        harness.Documents["foreign"].Access!.Users.ShouldBe(["ada@example.com"]);
    }

    [Fact]
    public async Task Everybody_who_finds_a_foreign_file_may_read_it()
    {
        await using var drive = await StartAsync();
        using var harness = Harness(drive);
        harness.Credentials = drive.ServiceAccount("ada@example.com");
        harness.Config = new GoogleDriveConfig
        {
            IncludeMyDrives = true,
            IncludeFilesSharedWithMe = true,
            SpecificUserEmails = "ada@example.com",
            ApiBaseUrl = drive.Root.AbsoluteUri,
        };
        drive.Extras.Add(
            Upload(9_001, "foreign") with
            {
                Owner = "eve@elsewhere.test",
                HidesGrants = true,
                Readers = ["ada@example.com", "zoe@example.com"],
            }
        );
        await harness.ReadAsync();
        harness.Config = ((GoogleDriveConfig)harness.Config) with
        {
            SpecificUserEmails = "ada@example.com,zoe@example.com",
        };

        await harness.ReadAsync();
        var again = await harness.ReadAsync();

        harness.Documents["foreign"].Access!.Users.ShouldBe(["ada@example.com", "zoe@example.com"]);
        again.Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task Links_are_walked_with_shortcuts_and_no_circles()
    {
        await using var drive = await VendorEmulator.StartAsync<GoogleDriveFolderEmulator>(Company.Seeded());
        drive.Extras.Add(
            new DriveEntry(9_001, "loop", "to the drive again", Google + "shortcut")
            {
                Parent = "folder3",
                DriveId = "drive2",
                Target = "folder3",
            }
        );
        drive.Extras.Add(
            new DriveEntry(9_002, "short", "to a file", Google + "shortcut")
            {
                Parent = "folder1",
                Owner = "ada@example.com",
                Target = "elsewhere",
            }
        );
        drive.Extras.Add(
            new DriveEntry(9_003, "dead", "to nothing", Google + "shortcut")
            {
                Parent = "folder1",
                Owner = "ada@example.com",
                Target = "nothing",
            }
        );
        drive.Extras.Add(Upload(9_004, "elsewhere") with { Owner = "ada@example.com", Parent = "another" });
        using var harness = Harness(drive);

        await harness.ReadAsync();

        harness.Documents.Keys.ShouldContain("elsewhere");
        harness.Documents.Count.ShouldBe(drive.Company.Items.Count + 2);
        (await harness.ListAsync()).Distinct().ShouldBe(harness.Documents.Keys, ignoreOrder: true);
        drive
            .Exchanges.Where(exchange => exchange.Path.Contains("/drive/v3/"))
            .ShouldAllBe(exchange => exchange.Headers["X-Goog-Drive-Resource-Keys"] == "folder1/0-abc");
    }

    [Fact]
    public async Task A_service_account_without_delegation_reads_what_was_shared_with_it()
    {
        await using var drive = await StartAsync();
        drive.AllowsDelegation = false;
        const string Robot = "robot@project.iam.gserviceaccount.com";
        drive.Extras.Add(
            new DriveEntry(9_001, "shared", "Shared", Google + "folder")
            {
                Owner = "ada@example.com",
                Readers = [Robot],
            }
        );
        drive.Extras.Add(Upload(9_002, "inside") with { Parent = "shared", Readers = [Robot] });
        using var harness = Harness(drive);
        harness.Credentials = drive.ServiceAccount("ada@example.com");
        harness.Config = new GoogleDriveConfig
        {
            SharedFolderUrls = "https://drive.google.com/drive/folders/shared",
            ApiBaseUrl = drive.Root.AbsoluteUri,
        };

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Keys.ShouldBe(["inside"]);
        drive.Exchanges.ShouldAllBe(exchange => !exchange.Path.Contains("/admin/"));
    }

    [Fact]
    public async Task A_domain_is_read_user_by_user_and_one_who_is_refused_stops_nobody()
    {
        await using var drive = await StartAsync();
        drive.Refused.Add("zoe@example.com");
        drive.Company.Add("Hanako’s own", "A note on bridges.", authorId: 3);
        using var harness = Harness(drive);
        harness.Credentials = drive.ServiceAccount("ada@example.com");

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        harness.Documents.Values.ShouldContain(document => document.Title == "Hanako’s own");
        harness.Documents.Values.ShouldContain(document => document.Title == "Welcome");
        harness.Documents.Values.ShouldContain(document => document.Title == "A long discussion");
        run.Skipped.ShouldHaveSingleItem().ItemId.ShouldBe("zoe@example.com");
        drive.Exchanges.ShouldNotContain(exchange =>
            (exchange.Headers.GetValueOrDefault("Authorization") ?? "").Contains("former")
        );
        await Should.ThrowAsync<Sdk.SourceException>(() => harness.ListAsync());
    }

    [Fact]
    public async Task Without_the_Docs_API_documents_are_exported_and_large_ones_by_their_links()
    {
        await using var drive = await StartAsync();
        drive.HasNoDocsApi = true;
        drive.ExportsAreLarge = true;
        using var harness = Harness(drive);

        await harness.ReadAsync();

        var welcome = harness.Documents.Values.Single(document => document.Title == "Welcome");
        welcome.Sections.ShouldHaveSingleItem().Text.ShouldBe("How we work here: ask first, then write it down.");
    }

    [Fact]
    public async Task Sheets_and_slides_are_exported_and_what_has_no_text_is_left_out()
    {
        await using var drive = await StartAsync();
        var entry = Upload(9_001, "x") with { Owner = "ada@example.com", Content = null };
        foreach (var kind in new[] { "spreadsheet", "presentation", "form", "map", "site", "drawing", "jam" })
        {
            drive.Extras.Add(entry with { Key = entry.Key + drive.Extras.Count, Id = kind, MimeType = Google + kind });
        }

        using var harness = Harness(drive);

        await harness.ReadAsync();

        harness.Documents["spreadsheet"].File!.Name.ShouldEndWith(".xlsx");
        harness.Documents["presentation"].Sections.ShouldHaveSingleItem().Text.ShouldBe("Exported text.");
        harness.Documents.Keys.ShouldNotContain("form");
        harness.Documents.Keys.ShouldNotContain("site");
        harness.Documents.Keys.ShouldBe((await harness.ListAsync()).Distinct(), ignoreOrder: true);
    }

    [Fact]
    public async Task Files_for_the_domain_by_link_alone_can_be_left_out()
    {
        await using var drive = await StartAsync();
        drive.Extras.Add(
            Upload(9_001, "link") with
            {
                Owner = "ada@example.com",
                Grants =
                [
                    GoogleDriveEmulator.Grant("user", "owner", "ada@example.com"),
                    new
                    {
                        kind = "drive#permission",
                        id = "d",
                        type = "domain",
                        role = "reader",
                        domain = "example.com",
                        allowFileDiscovery = false,
                    },
                ],
            }
        );
        using var harness = Harness(drive);
        await harness.ReadAsync();
        harness.Documents["link"].Access!.Groups.ShouldBeEmpty("nobody finds it without the link");
        harness.Config = (GoogleDriveConfig)drive.Config with { ExcludeDomainLinkOnly = true };

        (await harness.ListAsync()).ShouldNotContain("link");
        using var other = Harness(drive);
        other.Config = harness.Config;
        await other.ReadAsync();
        other.Documents.Keys.ShouldNotContain("link");
    }

    [Fact]
    public async Task A_forgotten_token_reads_everything_again_without_loss()
    {
        await using var drive = await StartAsync();
        using var harness = Harness(drive);
        await harness.ReadAsync();
        await drive.AddAsync("news");
        drive.HasForgotten = true;

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("news");
    }

    [Fact]
    public async Task A_listing_that_leaves_files_out_is_told()
    {
        await using var drive = await StartAsync();
        drive.IsIncomplete = true;
        using var harness = Harness(drive);

        await Should.ThrowAsync<Sdk.SourceException>(() => harness.ListAsync());
        await Should.ThrowAsync<Sdk.SourceException>(() => harness.ReadAsync());
    }

    [Fact]
    public async Task An_expired_token_is_renewed_at_the_endpoint_that_the_credentials_name()
    {
        await using var drive = await StartAsync();
        using var harness = Harness(drive);
        drive.ExpireToken();

        await harness.ReadAsync();

        harness.Documents.ShouldNotBeEmpty();
        var renewal = drive.Exchanges.Where(exchange => exchange.Path == "/token").ShouldHaveSingleItem();
        System.Text.Encoding.UTF8.GetString(renewal.RequestBody).ShouldContain("client_secret=its+secret");
    }

    [Fact]
    public async Task A_refresh_without_changes_asks_the_logs_alone()
    {
        await using var drive = await StartAsync();
        using var harness = Harness(drive);
        await harness.ReadAsync();
        drive.Exchanges.Clear();

        await harness.ReadAsync();

        drive.Exchanges.ShouldAllBe(exchange => !exchange.Path.EndsWith("/files"));
        drive.Exchanges.Count.ShouldBeLessThanOrEqualTo(4, "who, which drives, two logs");
    }

    private static DriveEntry Upload(long key, string id) =>
        new(key, id, $"{id}.txt", "text/plain") { Content = "Some text."u8.ToArray() };

    private static Task<GoogleDriveEmulator> StartAsync() =>
        VendorEmulator.StartAsync<GoogleDriveEmulator>(Company.Seeded());

    private static ReaderHarness Harness(GoogleDriveEmulator drive) =>
        new(new GoogleDriveIntegration(), drive.Config, drive.Credentials);
}
