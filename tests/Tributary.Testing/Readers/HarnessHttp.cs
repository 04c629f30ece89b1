using System.Net;
using Tributary.Sdk.Content;
using Tributary.Sdk.Http;

namespace Tributary.Testing.Readers;

/// <summary>
/// A plain client that understands those <see cref="OutboundOptions"/> that change what a reader sees: redirects and the
/// cap on bodies. It does not retry, wait or guard.
/// </summary>
public sealed class HarnessHttp : HttpMessageHandler
{
    private readonly HttpMessageInvoker _following = new(MakeSockets(follow: true));
    private readonly HttpMessageInvoker _notFollowing = new(MakeSockets(follow: false));

    /// <summary>Makes the client.</summary>
    public static HttpClient Create() => new(new HarnessHttp()) { Timeout = TimeSpan.FromSeconds(30) };

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var follow = !request.Options.TryGetValue(OutboundOptions.FollowRedirects, out var wish) || wish;
        var response = await (follow ? _following : _notFollowing).SendAsync(request, cancellationToken);
        if (request.Options.TryGetValue(OutboundOptions.MaxBodyBytes, out var max))
        {
            var capped = new StreamContent(
                new CappedStream(await response.Content.ReadAsStreamAsync(cancellationToken), max)
            );
            foreach (var header in response.Content.Headers)
            {
                capped.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }

            response.Content = capped;
        }

        return response;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _following.Dispose();
            _notFollowing.Dispose();
        }

        base.Dispose(disposing);
    }

    private static SocketsHttpHandler MakeSockets(bool follow) =>
        new()
        {
            AllowAutoRedirect = follow,
            AutomaticDecompression = DecompressionMethods.All,
            UseCookies = false,
            UseProxy = false,
        };

    private sealed class CappedStream(Stream inner, long left) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Counted(inner.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            try
            {
                return Counted(await inner.ReadAsync(buffer, cancellationToken));
            }
            catch (InvalidDataException exception)
            {
                throw new ContentException(ContentProblem.Broken, "The answer cannot be unpacked.", exception);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken token) =>
            ReadAsync(buffer.AsMemory(offset, count), token).AsTask();

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Counted(int read) =>
            (left -= read) < 0 ? throw new ContentException(ContentProblem.TooLarge, "The body is too large.") : read;
    }
}
