using System.Net;
using Polly;
using Polly.Retry;
using Tributary.Engine.Outbound.Pacing;
using Tributary.Sdk.Http;

namespace Tributary.Engine.Outbound.Retry;

/// <summary>
/// Tries again what failed for a reason that passes, and passes on to the limits what a vendor says about them.
/// Failures of the transport leave it as <see cref="Sdk.SourceException"/>s.
/// </summary>
internal sealed class RetryHandler : DelegatingHandler
{
    private const int DefaultAttempts = 4;

    private static readonly ResiliencePropertyKey<HttpRequestMessage> _requestKey = new("request");
    private static readonly TimeSpan _holdWithoutHint = TimeSpan.FromSeconds(1);

    private readonly ConnectorState _state;
    private readonly bool _isPolite;
    private readonly TimeProvider _time;
    private readonly OutboundTelemetry _telemetry;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;

    public RetryHandler(ConnectorState state, bool isPolite, TimeProvider time, OutboundTelemetry telemetry)
    {
        _state = state;
        _isPolite = isPolite;
        _time = time;
        _telemetry = telemetry;
        _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions<HttpResponseMessage>
                {
                    MaxRetryAttempts = int.MaxValue, // the request's own number decides, in ShouldRetry
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = TimeSpan.FromMilliseconds(500),
                    MaxDelay = TimeSpan.FromSeconds(30),
                    ShouldHandle = ShouldRetryAsync,
                    DelayGenerator = DelayAsync,
                }
            )
            .Build();
    }

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(_requestKey, request);
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (context, handler) =>
                {
                    var request = context.Properties.GetValue(_requestKey, null!);
                    return await handler.AttemptAsync(request, context.CancellationToken);
                },
                context,
                this
            );
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            throw TransportFailure.InWords(e, request.RequestUri!);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task<HttpResponseMessage> AttemptAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var response = await base.SendAsync(request, cancellationToken);
        if ((int)response.StatusCode < 400)
        {
            _state.Budget.Succeeded();
        }

        await LimitInBody.LookAsync(response, cancellationToken);
        var hint = HintOf(response);
        if (hint is null && response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            hint = _holdWithoutHint;
        }

        if (hint > TimeSpan.Zero)
        {
            _telemetry.HeldBack(request.RequestUri!, hint.Value);
            await _state.HoldAsync(request.RequestUri!, hint.Value, _isPolite);
        }

        return response;
    }

    private ValueTask<bool> ShouldRetryAsync(RetryPredicateArguments<HttpResponseMessage> args)
    {
        var request = args.Context.Properties.GetValue(_requestKey, null!);
        var attempts = request.Options.TryGetValue(OutboundOptions.MaxAttempts, out var asked)
            ? asked
            : DefaultAttempts;
        var retries =
            args.AttemptNumber + 1 < attempts
            && (
                args.Outcome.Exception is { } failure
                    ? MayRetry(request, failure)
                    : args.Outcome.Result is { } response && MayRetry(request, response)
            );
        if (retries)
        {
            _telemetry.Retried(request.RequestUri!, args.AttemptNumber + 1);
        }

        return ValueTask.FromResult(retries);
    }

    private bool MayRetry(HttpRequestMessage request, Exception failure) =>
        TransportFailure.IsTransient(failure)
        && request.Content.CanBeSentAgain()
        && (request.IsRepeatable() || TransportFailure.IsBeforeSending(failure))
        && _state.Budget.TrySpend();

    private bool MayRetry(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (!request.Content.CanBeSentAgain())
        {
            return false;
        }

        // An answer that asks to come back later says that nothing was done. One that asks for a wait that nobody
        // would sit out is the caller's to judge.
        if (HintOf(response) is { } hint && (IsLimit(response.StatusCode) || LimitInBody.Of(response) is not null))
        {
            return hint <= HoldUntil.Longest;
        }

        return request.IsRepeatable() && IsTransient(response.StatusCode) && _state.Budget.TrySpend();
    }

    private TimeSpan? HintOf(HttpResponseMessage response) =>
        HoldBack.Of(response, _time.GetUtcNow()) ?? LimitInBody.Of(response);

    // 403 is among them only with a hint: GitHub says so when its limit is used up.
    private static bool IsLimit(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.Forbidden;

    private static bool IsTransient(HttpStatusCode status) =>
        status
            is HttpStatusCode.RequestTimeout
                or HttpStatusCode.TooManyRequests
                or HttpStatusCode.InternalServerError
                or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout;

    // A wait that was asked for is sat out at the gate, together with everybody else's; null leaves it to the back-off.
    private ValueTask<TimeSpan?> DelayAsync(RetryDelayGeneratorArguments<HttpResponseMessage> args) =>
        ValueTask.FromResult<TimeSpan?>(
            args.Outcome.Result is { } response && HintOf(response) > TimeSpan.Zero ? TimeSpan.Zero : null
        );
}
