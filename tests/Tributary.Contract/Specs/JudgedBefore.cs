using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Tributary.Contract.Specs;

/// <summary>
/// What was found in messages that were judged before, for as long as the process lives: a test that spoils every step of
/// a read in turn exchanges the same few hundred messages many thousand times.
/// </summary>
/// <typeparam name="TVerdict">What was found.</typeparam>
internal sealed class JudgedBefore<TVerdict>
{
    private readonly ConcurrentDictionary<string, TVerdict> _verdicts = new(StringComparer.Ordinal);

    /// <summary>The verdict on a message: an earlier one when everything that it depends on is the same.</summary>
    /// <param name="about">Everything but the body, in order.</param>
    /// <param name="body">The body.</param>
    /// <param name="judge">Judges; depends on nothing but the former two.</param>
    public TVerdict Get(IEnumerable<string?> about, byte[] body, Func<TVerdict> judge)
    {
        var key = new StringBuilder(Convert.ToHexString(SHA256.HashData(body)));
        foreach (var part in about)
        {
            // With its length, since a part may hold anything.
            key.Append('|').Append(part?.Length ?? -1).Append(':').Append(part);
        }

        return _verdicts.GetOrAdd(key.ToString(), _ => judge());
    }
}
