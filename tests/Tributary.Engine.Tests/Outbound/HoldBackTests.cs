using System.Net;
using Tributary.Engine.Outbound.Retry;

namespace Tributary.Engine.Tests.Outbound;

public sealed class HoldBackTests
{
    private static readonly DateTimeOffset _now = new(2025, 1, 15, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("30", 30.0)]
    [InlineData(" 30 ", 30.0)]
    [InlineData("1.5", 1.5)]
    [InlineData("0", 0.0)]
    [InlineData("-5", 0.0)]
    [InlineData("1000000000", 1e9)]
    [InlineData("99999999999999999999999", 1e9)]
    [InlineData("Wed, 15 Jan 2025 08:00:45 GMT", 45.0)]
    [InlineData("Wednesday, 15-Jan-25 08:00:45 GMT", 45.0)]
    [InlineData("Wed Jan 15 08:00:45 2025", 45.0)]
    [InlineData("Wed, 15 Jan 2025 07:00:00 GMT", 0.0)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    [InlineData("30 seconds", null)]
    public void Reads_Retry_After(string value, double? seconds) =>
        Of(HttpStatusCode.TooManyRequests, ("Retry-After", value)).ShouldBe(Span(seconds));

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public void A_date_is_compared_with_the_senders_own_clock(int skewMinutes)
    {
        var theirs = _now.AddMinutes(skewMinutes);
        Of(
                HttpStatusCode.ServiceUnavailable,
                ("Date", theirs.ToString("r")),
                ("Retry-After", theirs.AddSeconds(20).ToString("r"))
            )
            .ShouldBe(TimeSpan.FromSeconds(20));
        Of(
                HttpStatusCode.OK,
                ("Date", theirs.ToString("r")),
                ("X-RateLimit-Remaining", "0"),
                ("X-RateLimit-Reset", $"{theirs.AddSeconds(20).ToUnixTimeSeconds()}")
            )
            .ShouldBe(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("X-RateLimit-Remaining", "X-RateLimit-Reset", "0", "1736928060", 60.0)]
    [InlineData("X-RateLimit-Remaining", "X-RateLimit-Reset", "0", "1736928060500", 60.5)]
    [InlineData("X-RateLimit-Remaining", "X-RateLimit-Reset", "0", "60", 60.0)]
    [InlineData("x-ratelimit-remaining", "x-ratelimit-reset", "0", "60.5", 60.5)]
    [InlineData("X-Rate-Limit-Remaining", "X-Rate-Limit-Reset", "0", "12", 12.0)]
    [InlineData("RateLimit-Remaining", "RateLimit-Reset", "0", "7", 7.0)]
    [InlineData("X-RateLimit-Remaining", "X-RateLimit-Reset", "1", "60", null)]
    [InlineData("X-RateLimit-Remaining", "X-RateLimit-Reset", "0", "tomorrow", null)]
    [InlineData("X-RateLimit-Remaining", "X-RateLimit-Reset", "none", "60", null)]
    [InlineData("X-RateLimit-Remaining", "X-RateLimit-Reset", "0", "1736927000", 0.0)]
    public void Reads_the_remaining_and_reset_family(
        string remainingName,
        string resetName,
        string remaining,
        string reset,
        double? seconds
    ) => Of(HttpStatusCode.OK, (remainingName, remaining), (resetName, reset)).ShouldBe(Span(seconds));

    [Theory]
    [InlineData("\"default\";r=0;t=30", 30.0)]
    [InlineData("\"default\";r=50;t=30", null)]
    [InlineData("\"burst\";r=9;t=60, \"daily\";r=0;t=3000", 3000.0)]
    [InlineData("\"a\";r=0;t=5, \"b\";r=0;t=7", 7.0)]
    [InlineData("limit=100, remaining=0, reset=40", 40.0)]
    [InlineData("limit=100, remaining=3, reset=40", null)]
    [InlineData("\"default\";r=0", null)]
    [InlineData(";;=,=;", null)]
    public void Reads_the_RateLimit_field(string value, double? seconds) =>
        Of(HttpStatusCode.OK, ("RateLimit", value)).ShouldBe(Span(seconds));

    [Fact]
    public void Retry_After_wins() =>
        Of(HttpStatusCode.TooManyRequests, ("Retry-After", "5"), ("RateLimit", "\"d\";r=0;t=50"))
            .ShouldBe(TimeSpan.FromSeconds(5));

    [Fact]
    public void Retry_After_of_a_success_is_about_something_else() =>
        Of(HttpStatusCode.Accepted, ("Retry-After", "5")).ShouldBeNull();

    [Fact]
    public void Without_any_word_of_it_there_is_none() => Of(HttpStatusCode.TooManyRequests).ShouldBeNull();

    private static TimeSpan? Of(HttpStatusCode status, params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage(status);
        foreach (var (name, value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return HoldBack.Of(response, _now);
    }

    private static TimeSpan? Span(double? seconds) => seconds is { } some ? TimeSpan.FromSeconds(some) : null;
}
