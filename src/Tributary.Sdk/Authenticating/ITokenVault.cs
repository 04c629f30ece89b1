namespace Tributary.Sdk.Authenticating;

/// <summary>Where the tokens of one credential are kept. Renewals of the same tokens are one at a time.</summary>
public interface ITokenVault
{
    /// <summary>Tokens that can be used: the kept ones if they are fresh, else new ones, which are saved before they are handed out.</summary>
    /// <param name="key">Which of the credential's tokens; 1 to 64 letters and digits.</param>
    /// <param name="refused">An access token that the source does not take: if it is the kept one, it is renewed however fresh it is. Null when none was refused.</param>
    /// <param name="renew">Fetches new ones, given those that are kept (null when none are). Never called twice at once for the same key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<TokenSet> GetAsync(
        string key,
        string? refused,
        Func<TokenSet?, CancellationToken, Task<TokenSet>> renew,
        CancellationToken cancellationToken
    );
}

/// <summary>Tokens as they are kept. Not a record: they are never printed.</summary>
public sealed class TokenSet
{
    /// <summary>What requests are sent with.</summary>
    public required string AccessToken { get; init; }

    /// <summary>From when on it is to be renewed, a margin before it expires; null when it does not expire.</summary>
    public DateTimeOffset? RenewAt { get; init; }

    /// <summary>The refresh token to use next; null when there is none.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>Whether it can be used, as far as one knows.</summary>
    public bool IsFresh(DateTimeOffset now) => RenewAt is not { } renewAt || now < renewAt;

    /// <summary>When to renew tokens that live this long: five minutes before they expire, or a fifth of a short life.</summary>
    public static DateTimeOffset RenewalOf(DateTimeOffset received, TimeSpan life)
    {
        var margin = TimeSpan.FromMinutes(5);
        return received + life - (life / 5 < margin ? life / 5 : margin);
    }
}
