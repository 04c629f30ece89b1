using System.Net;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Http;

/// <summary>Checks that the API answers; there is nothing to read.</summary>
internal sealed class HttpReader(ReaderContext context, HttpConfig config, HttpCredentials credentials) : IReader
{
    private const long MaxBytes = 1_000_000;
    private readonly NothingToRead _nothing = new("http");

    /// <inheritdoc />
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, config.BaseUrl);
        request.Options.Set(OutboundOptions.MaxAttempts, 2);
        request.Options.Set(OutboundOptions.MaxBodyBytes, MaxBytes);
        using var response = await context
            .Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            .ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.Unauthorized && credentials.Auth != HttpAuth.None)
        {
            throw SourceHttp.FailureOf(request, response);
        }
    }

    /// <inheritdoc />
    public IAsyncEnumerable<ReadItem> ReadAsync(ReadRequest request, CancellationToken cancellationToken) =>
        _nothing.ReadAsync(request, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken) =>
        _nothing.ListAsync(cancellationToken);
}
