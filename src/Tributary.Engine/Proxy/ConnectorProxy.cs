using Tributary.Engine.Connectors;
using Tributary.Engine.Outbound;
using Tributary.Engine.Outbound.Cache;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;
using Tributary.Sdk.Http;

namespace Tributary.Engine.Proxy;

/// <inheritdoc cref="IConnectorProxy"/>
internal sealed class ConnectorProxy(
    IConnectorService connectors,
    IIntegrationCatalog catalog,
    ConnectorClients clients,
    TimeProvider time
) : IConnectorProxy
{
    private const string Unsupported = "proxyNotSupported";
    private const string Unreachable = "failedToReachApi";

    /// <summary>Who would wait longer is told when to come again.</summary>
    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _moment = TimeSpan.FromSeconds(1);

    public async Task<ProxyAnswer> SendAsync(
        Caller caller,
        Guid connectorUuid,
        ProxyRequest request,
        CancellationToken cancellationToken
    )
    {
        caller.Demand(Role.Editor);
        var connector = await connectors.GetAsync(caller, connectorUuid, cancellationToken).ConfigureAwait(false);
        if (catalog.Find(connector.IntegrationSlug) is null)
        {
            throw Refused(
                $"'{connector.IntegrationSlug}' is not an integration with an API of its own that requests can be sent to.",
                Unsupported
            );
        }

        if (connector.UsesSharedCredentials)
        {
            // The operator's account is lent for reading, not for whatever its API can do.
            throw Refused(
                "Requests cannot be sent with the operator's shared credentials: give the connector its own.",
                Unsupported
            );
        }

        ConnectorClient? rented = null;
        try
        {
            rented =
                await clients.RentAsync(connector, cancellationToken).ConfigureAwait(false)
                ?? throw Refused(
                    $"'{connector.IntegrationSlug}' has no API that requests can be sent to through a connector.",
                    Unsupported
                );
            using var message = Message(ProxyAddress.Of(rented.Api, request.Path, request.Query), request);
            var client = rented.Client;
            var response = await SendAsync(client, message, connector, cancellationToken).ConfigureAwait(false);
            var answer = new ProxyAnswer(
                response,
                ProxyHeaders.Of(response),
                connector.RateLimit,
                OutboundCache.OutcomeOf(response) switch
                {
                    CacheOutcome.Hit or CacheOutcome.Shared => true,
                    CacheOutcome.Miss or CacheOutcome.Refresh => false,
                    _ => null,
                }
            )
            {
                Client = rented,
                Left = connector.RateLimit is null ? null : client.Left,
            };
            rented = null;
            return answer;
        }
        catch (SourceException exception)
        {
            throw Refused(exception.Message, Unreachable);
        }
        finally
        {
            rented?.Dispose();
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        OutboundClient client,
        HttpRequestMessage message,
        Connector connector,
        CancellationToken cancellationToken
    )
    {
        var age = TimeSpan.FromMilliseconds(connector.CacheTtlMilliseconds ?? 0);
        if (age > TimeSpan.Zero)
        {
            message.Options.Set(OutboundCache.Request, new CacheRequest(age));
        }

        // What is kept from before comes at once, whatever the limits; anything else may wait for them, but not for long.
        // Until when may only be known after others were asked.
        var (isLetGo, looks) = (false, 0);
        message.Options.Set(RequestPatience.LetGo, () => Volatile.Write(ref isLetGo, true));
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var look = time.CreateTimer(
            _ =>
            {
                var isLong = client.WaitingUntil - time.GetUtcNow() > _longestWait;
                if (!Volatile.Read(ref isLetGo) && (isLong || ++looks * _moment >= _longestWait))
                {
                    giveUp.Cancel();
                }
            },
            null,
            _moment,
            _moment
        );
        try
        {
            return await client
                .Http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, giveUp.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var wait = client.WaitingUntil - time.GetUtcNow();
            throw new ProxyBusyException(wait > TimeSpan.Zero ? wait.Value : _longestWait);
        }
    }

    private static HttpRequestMessage Message(Uri target, ProxyRequest request)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), target) { Content = request.Content };
        ProxyHeaders.Copy(request.Headers, message);

        // Only what was asked for without side effects is asked for elsewhere; the way out sees to credentials.
        message.Options.Set(OutboundOptions.FollowRedirects, request.Method is "GET" or "HEAD");
        message.Options.Set(OutboundOptions.MaxBodyBytes, long.MaxValue);
        return message;
    }

    private static EngineException Refused(string message, string reason) => new(RefusalKind.Rejected, message, reason);
}
