namespace Tributary.Sdk.Paging;

/// <summary>
/// Notices a listing that goes in circles, with the memory of one position (Brent's algorithm): a circle is found before
/// it was gone round three times.
/// </summary>
internal sealed class PageProgress(string? start)
{
    private string? _landmark = start;
    private string? _last = start;
    private long _steps;
    private long _limit = 1;
    private byte[] _body = [];

    /// <exception cref="SourceException">The listing was here before.</exception>
    public void MoveTo(string next, Uri? address)
    {
        if (next == _last || next == _landmark)
        {
            throw Endless(address);
        }

        _last = next;
        if (++_steps == _limit)
        {
            (_landmark, _steps, _limit) = (next, 0, _limit * 2);
        }
    }

    /// <exception cref="SourceException">The page before was the same to the last byte.</exception>
    public void SeeBody(byte[] hash, Uri? address)
    {
        if (hash.AsSpan().SequenceEqual(_body))
        {
            throw Endless(address);
        }

        _body = hash;
    }

    private static SourceException Endless(Uri? address) =>
        new(
            FailureKind.Source,
            $"{address?.GetLeftPart(UriPartial.Path)} answers with a page of its listing that was read before, so that it "
                + "never ends. The next run tries again; when it stays so, tell the source's vendor."
        );
}
