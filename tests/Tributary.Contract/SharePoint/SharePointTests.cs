using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Tributary.Contract.Emulators;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Integrations.SharePoint;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Settings;
using Tributary.Testing.Readers;

namespace Tributary.Contract.SharePoint;

public class SharePointTests
{
    private const string Site = "https://contoso.sharepoint.com/sites/company";

    [Fact]
    public async Task A_sharing_link_is_read_as_the_folder_that_it_leads_to()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(tenant);
        harness.Config = (SharePointConfig)tenant.Config with
        {
            Sites = new TextList(["https://contoso.sharepoint.com/:f:/s/Handbook/board-token?e=4%3AaBc"]),
        };

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Values.ShouldHaveSingleItem().Title.ShouldBe("Board minutes.txt");
    }

    [Theory]
    [InlineData("https://contoso.sharepoint.com/:f:/s/Handbook/unknown", "was taken back")]
    [InlineData("https://contoso.sharepoint.com/:w:/s/Handbook/board-token", "single file")]
    public async Task A_sharing_link_that_leads_to_no_folder_is_told(string link, string reason)
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(tenant);
        harness.Config = (SharePointConfig)tenant.Config with { Sites = new TextList([link]) };

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Configuration);
        refusal.Message.ShouldContain(reason);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public Task A_site_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<SharePointEmulator>(new SharePointIntegration());

    [Fact]
    public async Task Files_have_their_unique_id_their_readers_and_their_path()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(tenant);

        await harness.ReadAsync();

        var minutes = One(harness, "Board minutes.txt");
        minutes.Id.ShouldBe(SharePointEmulator.UniqueIdOf(tenant.Company["Board minutes"]).ToString());
        minutes.Access!.Users.ShouldBe(["ada@example.com", "zoe@example.com"]);
        minutes.Metadata["path"].ToString().ShouldBe("board/Board minutes.txt");
        minutes.Metadata["drive"].ToString().ShouldBe("Dokumente");
        minutes.PrimaryOwners.Single().Email.ShouldBe("juergen.gross@example.com");
        One(harness, "Welcome.txt").Access!.Groups.ShouldBe(["sharepoint_00000000-0000-0000-0000-000000000077"]);
        One(harness, "With an attachment.txt").Access!.IsPublic.ShouldBeFalse("a link is not the public");
        harness.Documents.Count.ShouldBe(tenant.Company.Items.Count, "no notebook, no empty file, no classic page");
    }

    [Fact]
    public async Task Requests_say_whose_they_are_in_the_form_that_is_throttled_later()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(tenant);

        await harness.ReadAsync();

        var graph = tenant.Exchanges.Where(call => call.Path.Contains("/v1.0/", StringComparison.Ordinal)).ToList();
        graph.ShouldNotBeEmpty();
        graph.ShouldAllBe(call => call.Headers["User-Agent"] == "NONISV|Tributary|Tributary/1.0");
    }

    [Fact]
    public async Task A_link_for_anyone_makes_a_file_public_where_that_is_wanted()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(tenant, (SharePointConfig)tenant.Config with { TreatSharingLinkAsPublic = true });

        await harness.ReadAsync();

        One(harness, "With an attachment.txt").Access!.IsPublic.ShouldBeTrue();
        One(harness, "Welcome.txt").Access!.IsPublic.ShouldBeFalse();
    }

    [Fact]
    public async Task A_page_has_the_texts_of_its_web_parts_and_drafts_are_none()
    {
        var company = Company.Seeded();
        var draft = company.Add("Not yet", "Secret plans.", placeId: 3);
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(company);
        tenant.Drafts.Add(draft.Id);
        using var harness = Harness(tenant);

        await harness.ReadAsync();

        var page = One(harness, "Straßenkarte 🗺️ für Größen");
        page.Sections.Single()
            .Text.ShouldBe("Ein Umlaut, ein Emoji 👩‍👩‍👧 und עברית in einem Satz.\n\nQuick links\nCanteen menu");
        page.Link.ShouldEndWith(".aspx");
        harness.Documents.Values.ShouldNotContain(document => document.Title == "Not yet");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Theory]
    [InlineData("/Freigegebene Dokumente/engineering")]
    [InlineData("/Freigegebene%20Dokumente/engineering/")]
    [InlineData("/freigegebene%20dokumente/engineering?web=1")]
    public async Task A_folder_is_read_by_the_address_that_the_browser_shows(string below)
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(
            tenant,
            (SharePointConfig)tenant.Config with
            {
                Sites = new TextList([Site + below]),
            }
        );

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness
            .Documents.Values.Select(document => document.Title)
            .ShouldBe(["A long discussion.txt", "With an attachment.txt"], ignoreOrder: true);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Theory]
    [InlineData("https://contoso.sharepoint.com/:f:/r/sites/company/Docs/A%23B", "sites/company/Docs/A#B", 2)]
    [InlineData(
        "https://contoso.sharepoint.com/sites/company/Docs/Forms/AllItems.aspx?id=%2Fsites%2Fcompany%2FDocs%2FA%20B%25&viewid=7",
        "sites/company/Docs/A B%",
        2
    )]
    [InlineData("contoso.sharepoint.com/teams/board/", "teams/board", 2)]
    [InlineData("https://contoso.sharepoint.com", "", 0)]
    [InlineData("https://contoso.sharepoint.com/Shared Documents/Forms/AllItems.aspx", "Shared Documents", 0)]
    public void Addresses_are_understood_as_the_browser_shows_them(string typed, string path, int siteParts)
    {
        var address = SiteAddress.Parse(typed)!;

        string.Join('/', address.Parts).ShouldBe(path);
        address.SiteParts.ShouldBe(siteParts);
        address.IsBelow("sharepoint.com").ShouldBeTrue();
        address.IsBelow("sharepoint.us").ShouldBeFalse();
    }

    [Fact]
    public async Task All_sites_are_read_but_for_personal_and_excluded_ones()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        var all = (SharePointConfig)tenant.Config with { Sites = null };
        using var harness = Harness(tenant, all with { ExcludedSites = new TextList(["*/teams/*"]) });

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(tenant.Company.Items.Count);
        var asked = string.Join(' ', tenant.Exchanges.Select(call => call.Path));
        asked.ShouldNotContain("3%2C4/");
        asked.ShouldNotContain("5%2C6/");
        asked.ShouldNotContain("7%2C8/");
        asked.ShouldContain("1%2C2/pages", customMessage: "the site below the site");
        tenant.IsSelectedOnly = true;
        var refusal = await Should.ThrowAsync<SourceException>(() => Harness(tenant, all).CheckAsync());
        refusal.Message.ShouldContain("Sites.Selected");
        await Harness(tenant).CheckAsync();
    }

    [Fact]
    public async Task An_application_for_selected_sites_reads_those_that_are_named()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        tenant.IsSelectedOnly = true;
        using var harness = Harness(tenant);

        await harness.CheckAsync();
        (await harness.ReadAsync()).Failed.ShouldBeEmpty();

        harness.Documents.Count.ShouldBe(tenant.Company.Items.Count);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        tenant.IsSelectedOnly = false;
        tenant.Forbidden = "bb/sites";
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
    }

    [Fact]
    public async Task Where_sites_cannot_all_be_listed_they_are_found_by_the_index()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        tenant.IsIndexOnly = true;
        using var harness = Harness(tenant, (SharePointConfig)tenant.Config with { Sites = null });

        await harness.CheckAsync();
        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(tenant.Company.Items.Count);
    }

    [Theory]
    [InlineData("https://contoso.sharepoint.com/sites/company/")]
    [InlineData("contoso.sharepoint.com/sites/comp*")]
    [InlineData("https://contoso.sharepoint.com/SITES")]
    [InlineData("/sites/company")]
    public async Task An_excluded_site_is_left_out_with_those_below_it_even_where_it_is_named(string excluded)
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(
            tenant,
            (SharePointConfig)tenant.Config with
            {
                ExcludedSites = new TextList([excluded]),
            }
        );

        await harness.ReadAsync();

        harness.Documents.ShouldBeEmpty();
        tenant.Exchanges.ShouldNotContain(call => call.Path.EndsWith("/drives"));
    }

    [Fact]
    public async Task A_named_site_that_is_gone_stops_no_other_and_nothing_is_pruned()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        var gone = "https://contoso.sharepoint.com/sites/gone";
        using var harness = Harness(
            tenant,
            (SharePointConfig)tenant.Config with
            {
                Sites = new TextList([gone, Site]),
            }
        );

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().Reason.ShouldContain(gone);
        harness.Documents.Count.ShouldBe(tenant.Company.Items.Count);
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
        (await Should.ThrowAsync<SourceException>(() => harness.CheckAsync())).Member.ShouldBe("config.sites");
    }

    [Fact]
    public async Task An_answer_without_content_is_asked_for_once_more()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using (var undisturbed = Harness(tenant))
        {
            tenant.Faults.Reset();
            await undisturbed.ReadAsync();
        }

        var delta = tenant.Exchanges.ToList().FindIndex(call => call.Path.EndsWith("/root/delta"));
        using var harness = Harness(tenant);
        tenant.Faults.Reset((delta, Fault.Empty));

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(tenant.Company.Items.Count);
    }

    [Fact]
    public async Task Excluded_paths_are_left_out_and_forgotten()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(tenant);
        await harness.ReadAsync();
        harness.Config = (SharePointConfig)tenant.Config with { ExcludedPaths = new TextList(["board", "*edited*"]) };

        var run = await harness.ReadAsync();

        run.Deleted.Count.ShouldBe(2);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_deleted_file_is_told_by_its_tombstone_though_that_has_only_an_id()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(tenant);
        await harness.ReadAsync();
        var gone = SharePointEmulator.UniqueIdOf(tenant.Company["Welcome"]).ToString();
        await tenant.RemoveAsync("Welcome");
        tenant.Exchanges.Clear();

        (await harness.ReadAsync()).Deleted.ShouldBe([gone]);

        tenant.Exchanges.Count(call => call.Path.EndsWith("/permissions")).ShouldBe(0, "nothing else has changed");
    }

    [Fact]
    public async Task A_library_that_is_locked_is_named_and_nothing_of_it_is_pruned()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(tenant);
        await harness.ReadAsync();
        tenant.LibraryStatus = 423;

        var run = await harness.ReadAsync();

        run.Failed.ShouldHaveSingleItem().Reason.ShouldStartWith("Site company Dokumente cannot be read");
        run.Deleted.ShouldBeEmpty();
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
        tenant.LibraryStatus = 0;
        await tenant.AddAsync("news");
        await harness.ReadAsync();
        One(harness, "news.txt");
    }

    [Fact]
    public async Task A_file_that_failed_is_tried_again_and_a_forgotten_link_loses_nothing()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        var broken = tenant.Company["Welcome"];
        broken.IsBroken = true;
        using var harness = Harness(tenant);
        (await harness.ReadAsync()).Failed.Count.ShouldBe(1);
        broken.IsBroken = false;
        tenant.ForgetsLinks = true;

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Title.ShouldBe("Welcome.txt");
    }

    [Fact]
    public async Task A_certificate_signs_for_the_application_and_needs_no_method_named()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest(
            "CN=Tributary",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        ).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        var credentials = (SharePointCredentials)tenant.Credentials with
        {
            SpClientSecret = null,
            SpPrivateKey = Convert.ToBase64String(certificate.Export(X509ContentType.Pfx, "pass")),
            SpCertificatePassword = "pass",
        };
        foreach (var method in new GraphAuthenticationMethod?[] { null, GraphAuthenticationMethod.Certificate })
        {
            using var harness = Harness(tenant);
            harness.Credentials = credentials with { AuthenticationMethod = method };

            await harness.CheckAsync();

            var parts = tenant.SignIn["client_assertion"].Split('.');
            tenant.SignIn["client_assertion_type"].ShouldBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            header
                .RootElement.GetProperty("x5t")
                .GetString()
                .ShouldBe(Base64Url.EncodeToString(certificate.GetCertHash()));
            claims.RootElement.GetProperty("aud").GetString().ShouldEndWith("/oauth2/v2.0/token");
            key.VerifyData(
                    Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                    Base64Url.DecodeFromChars(parts[2]),
                    HashAlgorithmName.SHA256,
                    RSASignaturePadding.Pkcs1
                )
                .ShouldBeTrue();
        }

        credentials.Validate().ShouldBeEmpty();
        (credentials with { SpPrivateKey = null })
            .Validate()
            .ShouldHaveSingleItem()
            .Path.ShouldBe(["sp_client_secret"]);
        (credentials with { SpPrivateKey = null, AuthenticationMethod = GraphAuthenticationMethod.Certificate })
            .Validate()
            .ShouldHaveSingleItem()
            .Path.ShouldBe(["sp_private_key"]);
    }

    [Theory]
    [InlineData("/drives", "Sites.Read.All")]
    [InlineData("/pages/", "Sites.Read.All")]
    [InlineData("/sites/contoso.sharepoint.com:", "Sites.Read.All")]
    public async Task A_missing_permission_is_named(string address, string permission)
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        tenant.Forbidden = address;
        using var harness = Harness(tenant);

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain(permission);
    }

    [Fact]
    public async Task A_page_that_is_taken_back_is_forgotten_by_the_next_refresh()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(tenant);
        await harness.ReadAsync();
        var page = tenant.Company["Straßenkarte 🗺️ für Größen"];
        tenant.Drafts.Add(page.Id);

        (await harness.ReadAsync()).Deleted.ShouldBe([SharePointEmulator.UniqueIdOf(page).ToString()]);
    }

    [Fact]
    public async Task A_file_that_is_cut_off_is_not_taken_for_the_whole()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        tenant.CutOff = tenant.Company["Welcome"].Id;
        using var harness = Harness(tenant);

        var failed = (await harness.ReadAsync()).Failed.ShouldHaveSingleItem();

        failed.Link.ShouldEndWith("Welcome.txt");
        tenant.CutOff = null;
        await harness.ReadAsync();
        harness.FileBytes[One(harness, "Welcome.txt").Id].Length.ShouldBe(48);
    }

    [Fact]
    public async Task Groups_and_people_of_the_site_itself_are_named_too()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        tenant.HasSiteGroups = true;
        using var harness = Harness(tenant);

        await harness.ReadAsync();

        var access = One(harness, "Welcome.txt").Access!;
        access.Users.ShouldBe(["hanako@example.com"]);
        access.Groups.ShouldContain($"sharepoint_{SharePointEmulator.SiteId}:Company Members");
    }

    [Theory]
    [InlineData("/permissions", 404)]
    [InlineData("/permissions", 501)]
    [InlineData("bb/sites", 404)]
    [InlineData("bb/pages/microsoft.graph.sitePage", 404)]
    [InlineData("2/pages/microsoft.graph.sitePage", 400)]
    public async Task What_is_only_a_nicety_or_not_there_stops_nothing(string address, int status)
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        tenant.Missing = (address, status);
        using var harness = Harness(tenant);

        await harness.CheckAsync();
        var run = await harness.ReadAsync();

        run.Failed.ShouldBeEmpty();
        run.Deleted.ShouldBeEmpty();
        One(harness, "Welcome.txt");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_file_with_another_size_than_listed_is_read_when_it_comes_twice_the_same()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        tenant.Mismeasured = tenant.Company["Welcome"].Id;
        using var harness = Harness(tenant);

        (await harness.ReadAsync()).Failed.ShouldBeEmpty();

        harness.FileBytes[One(harness, "Welcome.txt").Id].Length.ShouldBe(48);
    }

    [Fact]
    public async Task Links_that_name_another_host_are_followed_at_the_configured_one_alone()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>();
        await tenant.FillAsync(30);
        tenant.LinkHost = "https://graph.microsoft.com";
        using var harness = Harness(tenant);

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(30);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_library_that_answers_with_a_fault_of_its_own_is_named_and_read_by_the_next_run()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        tenant.LibraryStatus = 500;
        using var harness = Harness(tenant);

        (await harness.ReadAsync()).Failed.ShouldHaveSingleItem().Reason.ShouldContain("Dokumente cannot be read");

        One(harness, "Straßenkarte 🗺️ für Größen");
        await Should.ThrowAsync<SourceException>(() => harness.ListAsync());
        tenant.LibraryStatus = 0;
        await harness.ReadAsync();
        One(harness, "Welcome.txt");
    }

    [Fact]
    public async Task A_file_that_fails_again_and_again_is_not_forgotten()
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        var broken = tenant.Company["Welcome"];
        broken.IsBroken = true;
        using var harness = Harness(tenant);
        await harness.ReadAsync();
        tenant.Forbidden = "/items/";
        (await harness.ReadAsync()).Failed.Count.ShouldBe(1);
        (tenant.Forbidden, broken.IsBroken) = (null, false);

        await harness.ReadAsync();

        One(harness, "Welcome.txt");
    }

    [Theory]
    [InlineData("/Dokumente")]
    [InlineData("/dokumente/engineering")]
    public async Task A_library_is_found_by_its_name_too(string below)
    {
        await using var tenant = await VendorEmulator.StartAsync<SharePointEmulator>(Company.Seeded());
        using var harness = Harness(
            tenant,
            (SharePointConfig)tenant.Config with
            {
                Sites = new TextList([Site + below]),
            }
        );

        await harness.CheckAsync();
        await harness.ReadAsync();

        One(harness, "A long discussion.txt");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Theory]
    [InlineData("graph.microsoft.com")]
    [InlineData(" https://graph.microsoft.com/ ")]
    [InlineData("https://graph.microsoft.com/v1.0")]
    public void Graphs_host_is_understood_as_people_type_it(string typed)
    {
        GraphCloud.HostOf(typed).AbsoluteUri.ShouldBe("https://graph.microsoft.com/");
        GraphCloud.ApiOf(typed).AbsoluteUri.ShouldBe("https://graph.microsoft.com/v1.0");
        new SharePointIntegration()
            .AuthenticationFor(
                new SharePointConfig { GraphApiHost = typed },
                new SharePointCredentials
                {
                    SpClientId = "id",
                    SpDirectoryId = "tenant",
                    SpClientSecret = "secret",
                }
            )
            .ShouldNotBeNull();
    }

    [Fact]
    public void Sites_are_taken_as_a_list_or_with_commas()
    {
        foreach (
            var json in new[]
            {
                """{"sites":["https://a.sharepoint.com","b.sharepoint.com"]}""",
                """{"sites":"https://a.sharepoint.com, b.sharepoint.com"}""",
            }
        )
        {
            using var parsed = JsonDocument.Parse(json);
            var problems = new List<SettingsProblem>();
            SettingsReader
                .Read<SharePointConfig>(parsed.RootElement, UnknownMembers.Refused, problems)!
                .Sites!.Count.ShouldBe(2);
        }
    }

    [Theory]
    [InlineData("https://login.microsoftonline.com", "https://graph.microsoft.us", "sharepoint.us", "authority_host")]
    [InlineData(
        "https://login.microsoftonline.us",
        "https://dod-graph.microsoft.us",
        "sharepoint.com",
        "sharepoint_domain_suffix"
    )]
    public void Hosts_of_different_clouds_are_refused(string authority, string graph, string suffix, string member) =>
        new SharePointConfig
        {
            AuthorityHost = authority,
            GraphApiHost = graph,
            SharepointDomainSuffix = suffix,
        }
            .Validate()
            .ShouldHaveSingleItem()
            .Path.ShouldBe([member]);

    private static Document One(ReaderHarness harness, string title) =>
        harness.Documents.Values.Single(document => document.Title == title);

    private static ReaderHarness Harness(SharePointEmulator tenant, SharePointConfig? config = null)
    {
        var harness = new ReaderHarness(new SharePointIntegration(), config ?? tenant.Config, tenant.Credentials);
        tenant.Equip(harness);
        return harness;
    }
}
