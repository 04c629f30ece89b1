using System.Net;
using System.Text.Json;

namespace Tributary.EndToEnd;

/// <summary>A server, and a witness on addresses of this machine that it may not reach.</summary>
/// <param name="allowed">What the operator has opened; null for nothing.</param>
/// <param name="forbidden">Where the witness listens.</param>
public abstract class AddressScene(string? allowed, params IReadOnlyList<IPAddress> forbidden) : IAsyncLifetime
{
    public Witness Witness { get; } = Witness.Listen(forbidden);

    public TributaryProcess Server { get; private set; } = null!;

    public TributaryClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var variables = new Dictionary<string, string> { ["TRIBUTARY_ADMIN_TOKEN"] = TributaryClient.Token };
        if (allowed is not null)
        {
            variables["TRIBUTARY_ALLOWED_NETWORKS"] = allowed;
        }

        Server = await TributaryProcess.ServeAsync(variables);
        Client = new TributaryClient(Server);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Client.Dispose();
        await Server.DisposeAsync();
        Witness.Dispose();
    }

    /// <summary>Tries to create a source that is called "Inside".</summary>
    public Task<(HttpStatusCode Status, JsonElement Body)> CreateAsync(string type, object config) =>
        Client.SendAsync(
            HttpMethod.Post,
            "/v1/sources/create",
            new
            {
                name = "Inside",
                type,
                config,
                credential = new { credentials = new { } },
            }
        );

    /// <summary>None of those attempts has left anything, nor reached anybody.</summary>
    public async Task NothingCameOfItAsync()
    {
        (await Client.GetAsync("/v1/sources?name=Inside")).GetProperty("items").GetArrayLength().ShouldBe(0);
        Witness.Connections.ShouldBe(0);
    }

    /// <summary>Nothing is open.</summary>
    public sealed class Closed()
        : AddressScene(null, IPAddress.Loopback, IPAddress.Parse("127.0.0.2"), IPAddress.IPv6Loopback);

    /// <summary>One address is open, its neighbours are not.</summary>
    public sealed class OnlyOne() : AddressScene("127.0.0.1/32", IPAddress.Parse("127.0.0.2"), IPAddress.IPv6Loopback);
}
