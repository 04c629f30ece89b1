using System.Net;

namespace Tributary.Engine.Outbound.Body;

/// <summary>The content of an answer whose body is read through a <see cref="BodyStream"/>.</summary>
internal sealed class BodyContent(BodyStream body) : HttpContent
{
    /// <summary>The body.</summary>
    public BodyStream Body { get; } = body;

    /// <inheritdoc />
    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(Body);

    /// <inheritdoc />
    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Body;

    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    ) => Body.CopyToAsync(stream, cancellationToken);

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Body.Dispose();
        }

        base.Dispose(disposing);
    }
}
