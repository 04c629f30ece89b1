namespace Tributary.Engine.Outbound.Cache;

/// <summary>Answers requests that ask for it (<see cref="OutboundCache.Request"/>) from the cache; all others pass.</summary>
internal sealed class CacheHandler(long connectorId, ResponseCache? cache, OutboundTelemetry telemetry)
    : DelegatingHandler
{
    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (!request.Options.TryGetValue(OutboundCache.Request, out var asked) || asked.Ttl <= TimeSpan.Zero)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        // A connector that does not exist yet (0) has nothing of its own.
        var key =
            cache is null || connectorId == 0
                ? null
                : await RequestKey.OfAsync(connectorId, request, asked, cancellationToken);
        var (response, outcome) = key is { } known
            ? await AnswerAsync(request, known, asked, cancellationToken)
            : (await base.SendAsync(request, cancellationToken), CacheOutcome.Bypass);
        response.RequestMessage ??= request;
        OutboundCache.SetOutcome(response.RequestMessage, outcome);
        telemetry.Cached(request.RequestUri!, outcome);
        return response;
    }

    private async Task<(HttpResponseMessage, CacheOutcome)> AnswerAsync(
        HttpRequestMessage request,
        CacheKey key,
        CacheRequest asked,
        CancellationToken cancellationToken
    )
    {
        var own = new TaskCompletionSource<HttpResponseMessage>();
        var body = request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var refresh = asked.Refresh || request.Headers.CacheControl is { NoCache: true };
        CachedValue? value;
        try
        {
            value = await cache!.GetOrAddAsync(
                key,
                asked.Ttl,
                refresh,
                stored => StoredAnswer.Fits(stored, request),
                async stop =>
                {
                    // A copy, since the first caller may have gone, and its request with it, while others still wait.
                    var copy = Copy(request, body);
                    var fresh = await base.SendAsync(copy, stop);
                    if (StoredAnswer.MayBeShared(fresh) && await ReadWholeAsync(fresh, stop) is { } whole)
                    {
                        using (fresh)
                        {
                            var bytes = StoredAnswer.Write(copy, fresh, whole.Span);
                            return new Fetched(new FreshValue(bytes, StoredAnswer.MayBeKept(fresh)));
                        }
                    }

                    own.SetResult(fresh);
                    return default;
                },
                cancellationToken
            );
        }
        catch
        {
            // It may be there or be still to come; nobody else takes it.
            _ = own.Task.ContinueWith(
                static late => late.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
            throw;
        }

        if (value is not null)
        {
            var answer = StoredAnswer.Read(value.Value, request);
            return (answer, value.Outcome);
        }

        if (!own.Task.IsCompleted)
        {
            return (await base.SendAsync(request, cancellationToken), CacheOutcome.Miss);
        }

        var response = await own.Task;
        response.RequestMessage = request;
        return (response, CacheOutcome.Miss);
    }

    // Null when it is too long to be kept: then nothing of it is lost, and the asker reads it as it comes.
    private static async Task<ReadOnlyMemory<byte>?> ReadWholeAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        const int Most = ResponseCache.MostValueBytes - 64 * 1024;
        if (response.Content.Headers.ContentLength > Most)
        {
            return null;
        }

        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var read = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            read.Write(buffer, 0, count);
            if (read.Length > Most)
            {
                var content = new StreamContent(new RejoinedStream(read.ToArray(), body));
                foreach (var (name, values) in response.Content.Headers.NonValidated)
                {
                    content.Headers.TryAddWithoutValidation(name, values);
                }

                response.Content = content;
                return null;
            }
        }

        return read.GetBuffer().AsMemory(0, (int)read.Length);
    }

    private static HttpRequestMessage Copy(HttpRequestMessage request, byte[]? body)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri);
        if (body is not null)
        {
            copy.Content = new ByteArrayContent(body);
            foreach (var (name, values) in request.Content!.Headers.NonValidated)
            {
                copy.Content.Headers.TryAddWithoutValidation(name, values);
            }
        }

        foreach (var (name, values) in request.Headers.NonValidated)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }

        foreach (var (name, value) in (IDictionary<string, object?>)request.Options)
        {
            ((IDictionary<string, object?>)copy.Options)[name] = value;
        }

        return copy;
    }
}
