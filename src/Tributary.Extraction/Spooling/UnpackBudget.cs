using Tributary.Sdk.Content;

namespace Tributary.Extraction.Spooling;

/// <summary>What one container may still unpack to, shared by all its members and nested containers.</summary>
internal sealed class UnpackBudget(ExtractionLimits limits, CancellationToken cancellationToken)
{
    private long _bytes;
    private int _members;

    public ExtractionLimits Limits => limits;

    /// <summary>Counts one more member.</summary>
    /// <exception cref="ContentException">There are too many.</exception>
    public void CountMember()
    {
        if (++_members > limits.MaxMembers)
        {
            throw new ContentException(
                ContentProblem.TooLarge,
                $"The archive has more than {limits.MaxMembers:N0} members. Split it, or raise the limit."
            );
        }
    }

    /// <summary>The stream, counted against this budget.</summary>
    /// <param name="unpacked">What a decompressor gives.</param>
    /// <param name="packedBytes">What it is made from; null when the ratio does not matter.</param>
    public Stream Guard(Stream unpacked, Func<long>? packedBytes) => new GuardedStream(this, unpacked, packedBytes);

    private void Count(int read, long memberBytes, Func<long>? packedBytes)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _bytes += read;
        if (_bytes > limits.MaxUnpackedBytes)
        {
            throw new ContentException(
                ContentProblem.TooLarge,
                $"It unpacks to more than {limits.MaxUnpackedBytes:N0} bytes. Split it, or raise the limit."
            );
        }

        if (
            packedBytes is not null
            && memberBytes > limits.RatioFreeBytes
            && memberBytes > limits.MaxRatio * Math.Max(1, packedBytes())
        )
        {
            throw new ContentException(
                ContentProblem.TooLarge,
                $"It unpacks to more than {limits.MaxRatio} times its packed size, as only bombs do."
            );
        }
    }

    private sealed class GuardedStream(UnpackBudget budget, Stream inner, Func<long>? packedBytes) : ReadOnlyStream
    {
        private long _read;

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            _read += read;
            budget.Count(read, _read, packedBytes);
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
