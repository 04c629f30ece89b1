using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Web;

/// <summary>Reads a site by walking it: see <see cref="Crawl"/>.</summary>
internal sealed class WebReader(ReaderContext context, WebConfig config, WebCredentials credentials) : IReader
{
    /// <inheritdoc />
    public Task CheckAsync(CancellationToken cancellationToken) =>
        new SiteCheck(context, config, credentials).RunAsync(cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ReadItem> ReadAsync(ReadRequest request, CancellationToken cancellationToken) =>
        new Crawl(context, config, credentials, isListing: false).RunAsync(
            request.CheckpointAs<WebPosition>(),
            cancellationToken
        );

    /// <inheritdoc />
    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var crawl = new Crawl(context, config, credentials, isListing: true);
        await foreach (var item in crawl.RunAsync(position: null, cancellationToken))
        {
            switch (item)
            {
                case ReadItem.Found { Document.Id: var id }:
                    yield return id;
                    break;
                case ReadItem.Unchanged { DocumentId: var id }:
                    yield return id;
                    break;
            }
        }
    }
}
