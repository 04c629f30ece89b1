namespace Tributary.Engine.Outbound.Pacing;

/// <summary>
/// Says by when a request has arrived, which only its answer proves: it was written at one instant, and the other side
/// had it at some instant before its answer came. Not thread-safe.
/// </summary>
/// <remarks>
/// Counting from the answer makes a limit hold at the receiving side whatever the network and a busy server do, but
/// costs the answer's whole time of every place in the window. Hence what all answers take, however quick, is left
/// out, and the rest comes out of a credit that pays 0.4 % of the window a request: irregularities are covered in full
/// (a server that is just starting may take most of a second for its first requests), and a server that is always slow costs no more than that.
/// </remarks>
internal sealed class ArrivalGuard
{
    /// <summary>Answers that must have come before the quickest of them says anything: the first ones open connections.</summary>
    public const int KnownAfter = 64;

    private const int Epoch = 1024;

    private readonly long _earned;
    private readonly long _mostCredit;
    private long _credit;
    private long _quickest = long.MaxValue;
    private long _quickestBefore = long.MaxValue;
    private int _answers;

    /// <param name="window">The limit's window, in timestamps.</param>
    /// <param name="max">Requests in a window.</param>
    /// <param name="second">A second, in timestamps.</param>
    public ArrivalGuard(long window, int max, long second)
    {
        _earned = window / 250;
        _mostCredit = Math.Max(window, window / 10 * 3 * Math.Min(max, 1000));
        _credit = _mostCredit;
        Most = Math.Min(window / 10 * 9, 5 * second);
    }

    /// <summary>The longest time after which a request is taken to have arrived, above what all take.</summary>
    public long Most { get; }

    /// <summary>What all answers take; 0 while that is not known.</summary>
    public long Usual => _answers < KnownAfter ? 0 : Math.Min(_quickest, _quickestBefore);

    /// <summary>By when a request that was answered had arrived: from <paramref name="written"/> to <paramref name="answered"/>.</summary>
    public long Answered(long written, long answered)
    {
        var taken = answered - written;
        if (++_answers % Epoch == 0)
        {
            (_quickestBefore, _quickest) = (_quickest, long.MaxValue);
        }

        _quickest = Math.Min(_quickest, taken);
        return Spend(written, taken - Usual);
    }

    /// <summary>By when a request that is not answered yet is taken to have arrived.</summary>
    public long GivenUp(long written) => Spend(written, Most);

    private long Spend(long written, long wanted)
    {
        _credit = Math.Min(_credit + _earned, _mostCredit);
        var spent = Math.Min(Math.Min(Math.Max(wanted, 0), Most), _credit);
        _credit -= spent;
        return written + spent;
    }
}
