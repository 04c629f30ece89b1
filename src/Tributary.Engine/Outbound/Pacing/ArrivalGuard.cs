namespace Tributary.Engine.Outbound.Pacing;

/// <summary>
/// Says by when a request has arrived, which only its answer proves: it was written at one instant, and the other side
/// had it at some instant before its answer came. Not thread-safe.
/// </summary>
/// <remarks>
/// Counting from the answer makes a limit hold at the receiving side whatever the network and a busy server do, but
/// costs the answer's whole time of every place in the window. What that is comes out of a credit that pays 0.4 % of the
/// window a request: irregularities are covered in full (a server that is just starting may take most of a second for
/// its first requests), and a server that is always slow costs no more than that. So that the credit lasts, what all
/// answers take, however quick, is left out where the credit could not pay for it: a far server's way there and back.
/// That is an estimate and no proof: the quickest of many answers may still have stood in a queue, which the next
/// request does not. Hence it needs many answers over a long time, and what the credit can pay for every time is paid.
/// </remarks>
internal sealed class ArrivalGuard
{
    /// <summary>Answers that must have come before the quickest of them says anything: the first ones open connections.</summary>
    public const int KnownAfter = 64;

    /// <summary>
    /// How long answers must have come before the quickest of them says anything, in seconds: those of one volley have
    /// all waited for each other.
    /// </summary>
    public const int KnownAfterSeconds = 10;

    // A window for each place, so that over time no more than one window is lost beyond what is earned.
    private const int MostPlaces = 1_000;
    private const int Epoch = 1024;
    private const int EpochSeconds = 60;

    private readonly long _second;
    private readonly long _earned;
    private readonly long _paidFor;
    private readonly long _mostCredit;
    private long _credit;
    private long _quickest = long.MaxValue;
    private long _quickestBefore = long.MaxValue;
    private long _epochBegan = long.MinValue;
    private int _answers;
    private bool _isKnown;

    /// <param name="window">The limit's window, in timestamps.</param>
    /// <param name="max">Requests in a window.</param>
    /// <param name="second">A second, in timestamps.</param>
    public ArrivalGuard(long window, int max, long second)
    {
        _second = second;
        _earned = window / 250;
        _paidFor = _earned / 4 * 3;
        _mostCredit = window * Math.Min(max, MostPlaces);
        _credit = _mostCredit;
        Most = Math.Min(window / 10 * 9, 5 * second);
    }

    /// <summary>The longest time after which a request is taken to have arrived, above what all take.</summary>
    public long Most { get; }

    /// <summary>What is left out of the time that an answer takes; 0 while nothing is known.</summary>
    public long Usual => _isKnown ? Math.Max(Math.Min(_quickest, _quickestBefore) - _paidFor, 0) : 0;

    /// <summary>By when a request that was answered had arrived: from <paramref name="written"/> to <paramref name="answered"/>.</summary>
    public long Answered(long written, long answered)
    {
        Learn(answered - written, answered);
        return Spend(written, answered - written - Usual);
    }

    /// <summary>By when a request that is not answered yet is taken to have arrived.</summary>
    public long GivenUp(long written) => Spend(written, Most);

    private void Learn(long taken, long now)
    {
        _epochBegan = _epochBegan == long.MinValue ? now : _epochBegan;
        _answers++;
        if (_answers >= Epoch && now - _epochBegan >= EpochSeconds * _second)
        {
            (_quickestBefore, _quickest, _epochBegan, _answers) = (_quickest, long.MaxValue, now, 0);
        }

        _isKnown |= _answers >= KnownAfter && now - _epochBegan >= KnownAfterSeconds * _second;
        _quickest = Math.Min(_quickest, taken);
    }

    private long Spend(long written, long wanted)
    {
        _credit = Math.Min(_credit + _earned, _mostCredit);
        var spent = Math.Min(Math.Min(Math.Max(wanted, 0), Most), _credit);
        _credit -= spent;
        return written + spent;
    }
}
