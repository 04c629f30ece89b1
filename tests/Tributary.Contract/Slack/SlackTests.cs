using Tributary.Contract.Emulators;
using Tributary.Integrations.Slack;
using Tributary.Sdk;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Slack;

public class SlackTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public Task A_workspace_is_connected_kept_fresh_and_pruned() =>
        SourceJourney.OfAsync<SlackEmulator>(new SlackIntegration());

    [Fact]
    public async Task A_thread_is_one_document_that_says_who_said_what()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        using var harness = Harness(slack);

        await harness.ReadAsync();

        var item = slack.Company["A long discussion"];
        var thread = harness.Documents[$"C00000002__{SlackEmulator.Ts(item)}"];
        thread.Title.ShouldBe("Jürgen Groß in #engineering: Who has seen the lighthouse keys?");
        thread.Sections.Count.ShouldBe(46);
        thread.Sections[45].Text.ShouldBe("Jürgen Groß: Answer number 45 about the keys.");
        var reply = SlackEmulator.Ts(item.Replies[44].CreatedAt, item.Replies[44].Id);
        thread
            .Sections[45]
            .Link.ShouldBe(
                $"https://company.slack.com/archives/C00000002/p{reply.Replace(".", "")}?thread_ts={SlackEmulator.Ts(item)}&cid=C00000002"
            );
        thread.Link.ShouldBe(
            $"https://company.slack.com/archives/C00000002/p{SlackEmulator.Ts(item).Replace(".", "")}"
        );
        thread.UpdatedAt!.Value.ToUnixTimeSeconds().ShouldBe(item.Replies[44].CreatedAt.ToUnixTimeSeconds());
        thread.PrimaryOwners.ShouldHaveSingleItem().Email.ShouldBe("juergen.gross@example.com");
        thread.Metadata["channel"].ToString().ShouldBe("engineering");
        thread.Metadata["reply_count"].ToString().ShouldBe("45");
    }

    [Fact]
    public async Task Somebody_who_has_left_is_asked_for_one_by_one()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        using var harness = Harness(slack);

        await harness.ReadAsync();

        harness
            .Documents.Values.Single(document =>
                document.Sections is [{ Text: var text }] && text.Contains("whiteboard")
            )
            .PrimaryOwners.ShouldHaveSingleItem()
            .Name.ShouldBe("former");
    }

    [Fact]
    public async Task Files_are_documents_and_are_listed()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        using var harness = Harness(slack);

        await harness.ReadAsync();

        var (id, bytes) = harness.FileBytes.ShouldHaveSingleItem();
        id.ShouldEndWith("__F1");
        bytes.ShouldBe("Quarterly figures: 4711 anchors."u8.ToArray());
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task Without_the_right_to_files_the_rest_is_read()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        slack.Scopes.Remove("files:read");
        using var harness = Harness(slack);

        await harness.ReadAsync();

        harness.Documents.Count.ShouldBe(slack.Company.Items.Count);
        harness.Documents.Values.ShouldContain(document => document.Sections[0].Text.EndsWith("📎 figures.txt"));
    }

    [Fact]
    public async Task A_private_channel_is_shown_to_its_members_alone()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        using var harness = Harness(slack);

        await harness.ReadAsync();

        var minutes = harness.Documents.Values.Single(document =>
            document.Sections is [{ Text: var text }] && text.Contains("Heron")
        );
        minutes.Access!.IsPublic.ShouldBeFalse();
        minutes.Access.Users.ShouldBe(["ada@example.com", "zoe@example.com"]);
        harness
            .Documents.Values.Where(document => document != minutes)
            .ShouldAllBe(document => document.Access!.IsPublic);
    }

    [Fact]
    public async Task The_past_of_a_channel_is_read_when_the_bot_is_invited_later()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        slack.Joined.Remove(4);
        slack.Company.Now += TimeSpan.FromDays(90);
        slack.Company.Add("Long after", "Three months later.");
        using var harness = Harness(slack);
        await harness.ReadAsync();
        await harness.ReadAsync();
        slack.Joined.Add(4);

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Sections[0].Text.ShouldContain("Heron");
    }

    [Fact]
    public async Task Channels_are_chosen_by_name_and_by_pattern()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        (await ChannelsOf(slack, config => config with { Channels = ["#General", "board"] })).ShouldBe([
            "board",
            "general",
        ]);
        (await ChannelsOf(slack, config => config with { ExcludeChannels = ["general", "nowhere"] })).ShouldBe([
            "board",
            "engineering",
            "groesse-mass",
        ]);
        (
            await ChannelsOf(
                slack,
                config =>
                    config with
                    {
                        Channels = ["en.*", "gener"],
                        ChannelRegexEnabled = true,
                        ExcludeChannels = [".*x"],
                    }
            )
        ).ShouldBe(["engineering"], "a pattern has to match the whole name");
        (
            await ChannelsOf(
                slack,
                config =>
                    config with
                    {
                        Channels = ["engineering", "general"],
                        ExcludeChannels = ["(?=e).*"],
                        ExcludeChannelRegexEnabled = true,
                    }
            )
        ).ShouldBe(["general"], "what is excluded wins");
    }

    [Fact]
    public async Task Without_joining_only_channels_with_the_bot_are_read_and_none_is_entered()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());

        (await ChannelsOf(slack, config => config with { JoinPublicChannels = false })).ShouldBe(["board", "general"]);

        slack.Joined.ShouldBe([1, 4], ignoreOrder: true);
        slack.Exchanges.ShouldNotContain(exchange => exchange.Path.EndsWith("conversations.list"));
    }

    [Fact]
    public async Task An_archived_channel_is_read_by_those_in_it_and_passed_over_by_others()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        slack.Archived.UnionWith([1, 2]);
        using var harness = Harness(slack);

        var run = await harness.ReadAsync();

        run.Skipped.ShouldHaveSingleItem().ItemId.ShouldBe("engineering");
        harness
            .Documents.Values.Select(document => document.Metadata["channel"].ToString())
            .Distinct()
            .ShouldContain("general");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task Bots_are_read_when_that_is_wanted()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        using var harness = Harness(slack);
        await harness.ReadAsync();
        harness.Documents.Values.ShouldNotContain(document => document.Title!.Contains("Disk full"));
        harness.Config = new SlackConfig { ApiBaseUrl = slack.Root.AbsoluteUri, IncludeBotMessages = true };

        await harness.ReadAsync();

        harness.Documents.Values.ShouldContain(document => document.Title == "Alerts in #general: Disk full");
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task Mentions_and_blocks_become_text()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>();
        slack.Further.Add(
            (
                1,
                "1736900001.000001",
                new
                {
                    type = "message",
                    user = "U00000001",
                    text = "*Now* <@U00000002> &amp; <!subteam^S0001>, see <https://example.com|this> in <#C1|general>",
                    ts = "1736900001.000001",
                }
            )
        );
        slack.Further.Add(
            (
                1,
                "1736900002.000001",
                new
                {
                    type = "message",
                    user = "U00000001",
                    text = "",
                    ts = "1736900002.000001",
                    blocks = new object[]
                    {
                        new { type = "header", text = new { type = "plain_text", text = "Deployed" } },
                        new
                        {
                            type = "rich_text",
                            elements = new[]
                            {
                                new
                                {
                                    type = "rich_text_section",
                                    elements = new object[]
                                    {
                                        new { type = "text", text = "by " },
                                        new { type = "user", user_id = "U00000002" },
                                    },
                                },
                            },
                        },
                    },
                    attachments = new[]
                    {
                        new
                        {
                            title = "Build 7",
                            text = "All green",
                            fallback = "Build 7: all green",
                        },
                    },
                }
            )
        );
        using var harness = Harness(slack);

        await harness.ReadAsync();

        harness
            .Documents["C00000001__1736900001.000001"]
            .Sections[0]
            .Text.ShouldBe("Ada Admin: **Now** @Jürgen Groß & @captains, see [this](https://example.com) in #general");
        harness
            .Documents["C00000001__1736900002.000001"]
            .Sections[0]
            .Text.ShouldBe("Ada Admin: Deployed\nby @Jürgen Groß\n\nBuild 7\nAll green");
    }

    [Fact]
    public async Task A_reply_sent_to_the_channel_brings_back_a_thread_that_is_too_old_to_be_looked_at()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>();
        var old = slack.Company.Add("old", "An old question");
        slack.Company.Now += TimeSpan.FromDays(90);
        slack.Company.Add("young", "Something else");
        using var harness = Harness(slack);
        await harness.ReadAsync();
        var reply = slack.Company.Reply(old, "An answer at last.");
        var ts = SlackEmulator.Ts(reply.CreatedAt, reply.Id);
        slack.Further.Add(
            (
                1,
                ts,
                new
                {
                    type = "message",
                    subtype = "thread_broadcast",
                    user = "U00000003",
                    text = reply.Text,
                    ts,
                    thread_ts = SlackEmulator.Ts(old),
                }
            )
        );

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem().Sections[1].Text.ShouldBe("山田 花子: An answer at last.");
        (await harness.ReadAsync()).Found.ShouldBeEmpty("the answer is known");
        harness.Documents.Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_left_of_a_deleted_thread_is_deleted()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        using var harness = Harness(slack);
        await harness.ReadAsync();
        var thread = slack.Company["A long discussion"];
        var ts = SlackEmulator.Ts(thread);
        slack.Company.Remove(thread);
        slack.Further.Add(
            (
                2,
                ts,
                new
                {
                    type = "message",
                    subtype = "tombstone",
                    user = "USLACKBOT",
                    text = "This message was deleted.",
                    ts,
                    thread_ts = ts,
                    reply_count = 45,
                }
            )
        );

        var run = await harness.ReadAsync();

        run.Deleted.ShouldBe([$"C00000002__{ts}"]);
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
    }

    [Fact]
    public async Task A_refresh_asks_for_replies_of_changed_threads_alone()
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        using var harness = Harness(slack);
        await harness.ReadAsync();
        slack.Company.Add("News", "A walrus joined.");
        slack.Exchanges.Clear();

        var run = await harness.ReadAsync();

        run.Found.ShouldHaveSingleItem();
        slack.Exchanges.Select(exchange => exchange.Path).ShouldNotContain("/conversations.replies");
        slack.Exchanges.Count.ShouldBeLessThanOrEqualTo(1 + 2 + 4 + 1, "who, channels, histories, people");
    }

    [Theory]
    [InlineData("channels:read")]
    [InlineData("groups:read")]
    [InlineData("channels:history")]
    [InlineData("groups:history")]
    [InlineData("users:read")]
    [InlineData("channels:join")]
    public async Task A_missing_scope_is_named_at_once(string scope)
    {
        await using var slack = await VendorEmulator.StartAsync<SlackEmulator>(Company.Seeded());
        slack.Scopes.Remove(scope);
        using var harness = Harness(slack);
        harness.Config = new SlackConfig
        {
            ApiBaseUrl = slack.Root.AbsoluteUri,
            Channels = ["board", "general", "engineering"],
        };

        var refusal = await Should.ThrowAsync<SourceException>(() => harness.CheckAsync());

        refusal.Kind.ShouldBe(FailureKind.Credentials);
        refusal.Message.ShouldContain($"'{scope}'");
    }

    private static async Task<IEnumerable<string>> ChannelsOf(
        SlackEmulator slack,
        Func<SlackConfig, SlackConfig> choose
    )
    {
        using var harness = Harness(slack);
        harness.Config = choose((SlackConfig)slack.Config);
        await harness.CheckAsync();
        await harness.ReadAsync();
        harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
        return harness.Documents.Values.Select(document => document.Metadata["channel"].ToString()).Distinct().Order();
    }

    private static ReaderHarness Harness(SlackEmulator slack) =>
        new(new SlackIntegration(), slack.Config, slack.Credentials);
}
