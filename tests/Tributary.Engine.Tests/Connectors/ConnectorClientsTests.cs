using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Engine.Connectors;
using Tributary.Engine.Proxy;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Connectors;

/// <summary>What is kept of connectors through which requests are sent, and for how long.</summary>
public sealed class ConnectorClientsTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<string> _tokens = new();
    private EngineHarness _engine = null!;
    private LoopbackServer _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await LoopbackServer.StartAsync(http =>
        {
            _tokens.Enqueue(http.Request.Headers.Authorization.ToString());
            return Task.CompletedTask;
        });
        _engine = await EngineHarness.StartAsync(
            time: _time,
            others: [new ApiIntegration(_api.BaseUri)],
            configure: options => options.AllowedNetworks = "127.0.0.0/8"
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Requests_one_after_the_other_share_a_way_out()
    {
        var connector = await ConnectAsync("one");
        using var first = await Clients.RentAsync(connector, CancellationToken.None);
        using var second = await Clients.RentAsync(connector, CancellationToken.None);

        second!.Client.ShouldBeSameAs(first!.Client);
        Clients.Count.ShouldBe(1);
    }

    [Fact]
    public async Task New_credentials_count_from_the_next_request()
    {
        var connector = await ConnectAsync("one");
        await SendAsync(connector);
        await _engine.Connectors.UpdateAsync(
            _engine.Caller,
            connector.Id,
            new ConnectorChange { Credentials = Credentials("two") },
            CancellationToken.None
        );
        Clients.Count.ShouldBe(0);
        await SendAsync(connector);

        _tokens.ShouldBe(["Bearer one", "Bearer two"]);
    }

    [Fact]
    public async Task What_was_kept_for_an_older_version_is_not_used()
    {
        var connector = await ConnectAsync("one");
        using var older = await Clients.RentAsync(connector, CancellationToken.None);

        using var newer = await Clients.RentAsync(
            connector with
            {
                UpdatedAt = connector.UpdatedAt.AddMilliseconds(1),
            },
            CancellationToken.None
        );

        newer!.Client.ShouldNotBeSameAs(older!.Client);
        Clients.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_is_kept_of_a_connector_that_is_removed()
    {
        var connector = await ConnectAsync("one");
        await SendAsync(connector);
        Clients.Count.ShouldBe(1);

        await _engine.Connectors.DeleteAsync(_engine.Caller, connector.Id, CancellationToken.None);

        Clients.Count.ShouldBe(0);
        await Should.ThrowAsync<EngineException>(() => SendAsync(connector));
    }

    [Fact]
    public async Task Credentials_are_not_kept_longer_than_they_are_used()
    {
        await SendAsync(await ConnectAsync("one"));
        _time.Advance(ConnectorClients.Idle - TimeSpan.FromSeconds(1));
        Clients.Count.ShouldBe(1);

        _time.Advance(TimeSpan.FromSeconds(6));

        Clients.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Credentials_that_are_used_all_the_time_are_opened_anew_now_and_then()
    {
        var connector = await ConnectAsync("one");
        using var first = await Clients.RentAsync(connector, CancellationToken.None);
        _time.Advance(ConnectorClients.Longest);

        using var later = await Clients.RentAsync(connector, CancellationToken.None);

        later!.Client.ShouldNotBeSameAs(first!.Client);
    }

    [Fact]
    public async Task A_request_that_is_under_way_goes_on_when_its_connector_is_forgotten()
    {
        var connector = await ConnectAsync("one");
        using var rented = await Clients.RentAsync(connector, CancellationToken.None);
        Clients.Forget(connector.Id);

        (await rented!.Client.Http.GetAsync(_api.BaseUri)).EnsureSuccessStatusCode();

        rented.Dispose();
        await Should.ThrowAsync<ObjectDisposedException>(() => rented.Client.Http.GetAsync(_api.BaseUri));
    }

    [Fact]
    public async Task The_number_that_is_kept_is_bounded()
    {
        var connector = await ConnectAsync("one");
        for (var id = 1; id <= ConnectorClients.MostKept + 5; id++)
        {
            // The same credentials under other ids.
            using var _ = await Clients.RentAsync(connector with { Id = 1_000 + id }, CancellationToken.None);
        }

        Clients.Count.ShouldBe(ConnectorClients.MostKept);
    }

    private ConnectorClients Clients => _engine.Get<ConnectorClients>();

    private static JsonElement Credentials(string token) => JsonSerializer.SerializeToElement(new { token });

    private Task<Connector> ConnectAsync(string token) =>
        _engine.Connectors.CreateAsync(
            _engine.Caller,
            new ConnectorDraft
            {
                Name = "API",
                IntegrationSlug = "api",
                Config = JsonSerializer.SerializeToElement(new { }),
                Credentials = Credentials(token),
                StartNow = false,
            },
            CancellationToken.None
        );

    private async Task SendAsync(Connector connector)
    {
        using var answer = await _engine
            .Get<IConnectorProxy>()
            .SendAsync(
                _engine.Caller,
                connector.Uuid,
                new ProxyRequest("GET", "items", "", [], null),
                CancellationToken.None
            );
        answer.Response.IsSuccessStatusCode.ShouldBeTrue();
    }

    private sealed record Config;

    private sealed record Secrets
    {
        public required string Token { get; init; }
    }

    private sealed class ApiIntegration(Uri address) : Integration<Config, Secrets>
    {
        public override IntegrationManifest Manifest { get; } =
            new()
            {
                Slug = "api",
                Name = "API",
                Description = "For tests.",
                Category = IntegrationCategory.Custom,
            };

        protected override bool HasRuns(Config config) => false;

        protected override Authentication AuthenticateWith(Config config, Secrets credentials) =>
            Authentication.Bearer(address.ToString(), credentials.Token);

        protected override Uri? ApiBase(Config config, Secrets credentials) => address;

        protected override IReader CreateReader(ReaderContext context, Config config, Secrets credentials) =>
            throw new InvalidOperationException("Nothing is read from it.");
    }
}
