using System.Text;
using Tributary.Contract.Emulators;
using Tributary.Integrations.Dropbox;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Dropbox;

public class DropboxTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task An_account_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<DropboxEmulator>(new DropboxIntegration());

    [Fact]
    public async Task A_file_has_its_path_link_author_and_readers()
    {
        await using var account = await VendorEmulator.StartAsync<DropboxEmulator>(Company.Seeded());
        using var harness = Harness(account);

        await harness.ReadAsync();

        var minutes = Titled(harness, "Board minutes.txt");
        minutes.Id.ShouldStartWith("doc:id:");
        minutes.Link.ShouldBe("https://www.dropbox.com/home/board/Board%20minutes.txt");
        minutes.Metadata["path"].ToString().ShouldBe("/board/Board minutes.txt");
        minutes.PrimaryOwners.ShouldHaveSingleItem().Email.ShouldBe("juergen.gross@example.com");
        minutes.UpdatedAt.ShouldBe(account.Company["Board minutes"].UpdatedAt, "the uploader's own date says nothing");
        minutes.Access!.Users.ShouldBe(["ada@example.com", "zoe@example.com"]);
        minutes.Access.Groups.ShouldBe(["dropbox_g:e2db7665347abcd600000000001a2b3c"]);
        var welcome = Titled(harness, "Welcome.txt");
        welcome.Link.ShouldBe("https://www.dropbox.com/scl/fi/welcome", "it was shared before");
        welcome.Access!.Users.Count.ShouldBe(3);
        var own = Titled(harness, "An archived plan.txt");
        own.Access!.Users.ShouldBe(["ada@example.com"], "what is not shared is its owner's");
        own.PrimaryOwners.ShouldHaveSingleItem().Name.ShouldBe("Ada Admin");
    }

    [Fact]
    public async Task Paper_is_exported_and_left_out_on_wish()
    {
        await using var account = await VendorEmulator.StartAsync<DropboxEmulator>(Company.Seeded());
        account.Company.Add("Plan.paper", "Written together.");
        using var harness = Harness(account);

        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        var plan = Titled(harness, "Plan.paper");
        plan.File!.Name.ShouldBe("Exported.md");
        Encoding.UTF8.GetString(harness.FileBytes[plan.Id]).ShouldBe("# Written together.");

        harness.Config = (DropboxConfig)account.Config with { IncludePaper = false };
        (await harness.ListAsync()).ShouldNotContain(plan.Id);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(501)]
    public async Task Files_are_read_where_nothing_is_told_of_their_sharing(int status)
    {
        await using var account = await VendorEmulator.StartAsync<DropboxEmulator>(Company.Seeded());
        (account.IsLean, account.AboutSharing) = (true, EmulatorAnswer.Text("No such function", status: status));
        using var harness = Harness(account);

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        run.Deleted.ShouldBeEmpty("a file is not gone because its link is not told");
        harness.Documents.Count.ShouldBe(account.Company.Items.Count);
        harness.Documents.Values.ShouldAllBe(file => file.Access!.Users.Single() == "ada@example.com");
        Titled(harness, "Welcome.txt").Link!.ShouldStartWith("https://www.dropbox.com/home/");
    }

    [Fact]
    public async Task Files_without_a_word_of_Dropbox_s_about_them_are_read_and_those_that_it_keeps_are_skipped()
    {
        await using var account = await VendorEmulator.StartAsync<DropboxEmulator>(Company.Seeded());
        (account.IsLean, account.TellsResult) = (true, false);
        account.Company.Add("Budget.gsheet", "Only online.");
        using var harness = Harness(account);

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        run.Skipped.ShouldHaveSingleItem().Reason.ShouldContain("neither downloads nor exports");
        harness.Documents.Count.ShouldBe(account.Company.Items.Count - 1);
    }

    [Fact]
    public async Task Only_the_folder_is_read()
    {
        await using var account = await VendorEmulator.StartAsync<DropboxEmulator>(Company.Seeded());
        using var harness = Harness(account);
        harness.Config = (DropboxConfig)account.Config with { FolderPath = "engineering/" };

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness
            .Documents.Values.Select(document => document.Title)
            .ShouldBe(["A long discussion.txt", "With an attachment.txt"], ignoreOrder: true);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_large_file_is_read_as_it_comes()
    {
        await using var account = await VendorEmulator.StartAsync<DropboxEmulator>();
        var text = new string('x', 3_000_000);
        account.Company.Add("Large", text);
        using var harness = Harness(account);

        await harness.ReadAsync();

        harness.FileBytes.Values.Single().Length.ShouldBe(text.Length);
        account
            .Exchanges.Count(exchange => exchange.Path == "/2/files/download")
            .ShouldBe(2, "its first byte, and all");
    }

    [Fact]
    public async Task A_refresh_asks_for_changes_alone()
    {
        await using var account = await VendorEmulator.StartAsync<DropboxEmulator>();
        await account.FillAsync(30);
        using var harness = Harness(account);
        await harness.ReadAsync();
        await account.AddAsync("news");
        account.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("news.txt");
        account
            .Exchanges.Select(exchange => exchange.Path)
            .ShouldBe([
                "/2/users/get_current_account",
                "/2/files/list_folder/continue",
                "/2/files/download",
                "/2/sharing/list_shared_links",
            ]);
    }

    [Fact]
    public async Task A_file_that_failed_is_read_by_the_next_run_although_the_feed_has_passed_it()
    {
        await using var account = await VendorEmulator.StartAsync<DropboxEmulator>();
        await account.FillAsync(30);
        account.Company["item 12"].IsBroken = true;
        using var harness = Harness(account);
        (await harness.ReadAsync()).Failed.ShouldHaveSingleItem();
        account.Company["item 12"].IsBroken = false;

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("item 12.txt");
        account.Exchanges.Clear();
        (await harness.ReadAsync())
            .Items.OfType<Sdk.Reading.ReadItem.Unchanged>()
            .ShouldBeEmpty("it goes on from the end");
    }

    [Fact]
    public async Task A_cursor_that_was_reset_leads_to_everything_anew()
    {
        await using var account = await VendorEmulator.StartAsync<DropboxEmulator>();
        await account.FillAsync(30);
        using var harness = Harness(account);
        await harness.ReadAsync();
        await account.ChangeAsync("item 3");
        account.ResetAt = account.Company.Now;

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("item 3.txt");
        run.Unchanged.Count.ShouldBe(29);
    }

    [Fact]
    public async Task A_renamed_file_is_the_same_document()
    {
        await using var account = await VendorEmulator.StartAsync<DropboxEmulator>();
        await account.FillAsync(3);
        using var harness = Harness(account);
        await harness.ReadAsync();
        await account.Change(() =>
        {
            account.Company["item 1"].UpdatedAt = account.Company.Now += TimeSpan.FromSeconds(1);
            account.Company["item 1"].Title = "renamed";
        });

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("renamed.txt");
        harness.Documents.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("account_info.read")]
    [InlineData("files.metadata.read")]
    [InlineData("files.content.read")]
    [InlineData("sharing.read")]
    public async Task A_missing_permission_is_named(string scope)
    {
        await using var account = await VendorEmulator.StartAsync<DropboxEmulator>(Company.Seeded());
        (account.HasRefreshToken, account.MissingScope) = (false, scope);
        using var harness = Harness(account);

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain(scope, customMessage: "so that one knows what to tick");
    }

    [Theory]
    [InlineData(null, "https://api.dropboxapi.com", "https://content.dropboxapi.com/2")]
    [InlineData("https://api.dropboxapi.com", "https://api.dropboxapi.com", "https://content.dropboxapi.com/2")]
    [InlineData("https://gate.example.com/box/2/", "https://gate.example.com/box", "https://gate.example.com/box/2")]
    public void The_content_has_a_host_of_its_own(string? typed, string api, string content)
    {
        var config = typed is null ? new DropboxConfig() : new DropboxConfig { ApiBaseUrl = typed };

        config.Api.AbsoluteUri.ShouldBe($"{api}/2");
        config.TokenUrl.AbsoluteUri.ShouldBe($"{api}/oauth2/token");
        config.Content.AbsoluteUri.ShouldBe(content);
    }

    private static Sdk.Documents.Document Titled(ReaderHarness harness, string title) =>
        harness.Documents.Values.Single(document => document.Title == title);

    private static ReaderHarness Harness(DropboxEmulator account) =>
        new(new DropboxIntegration(), account.Config, account.Credentials);
}
