using System.Globalization;
using Tributary.Engine.Models;

namespace Tributary.Engine.Tests.Models;

public class CronExpressionTests
{
    [Theory]
    [InlineData("* * * * *", "2025-01-15T08:00:30Z", "2025-01-15T08:01:00Z")]
    [InlineData("0 * * * *", "2025-01-15T08:00:00Z", "2025-01-15T09:00:00Z")]
    [InlineData("15,45 8-10 * * *", "2025-01-15T10:45:00Z", "2025-01-16T08:15:00Z")]
    [InlineData("*/20 * * * *", "2025-01-15T23:41:00Z", "2025-01-16T00:00:00Z")]
    [InlineData("5/20 3 * * *", "2025-01-15T03:25:00Z", "2025-01-15T03:45:00Z")]
    [InlineData("0 0 31 * *", "2025-02-01T00:00:00Z", "2025-03-31T00:00:00Z")]
    [InlineData("0 0 29 2 *", "2025-02-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("0 0 * * 0", "2025-01-15T00:00:00Z", "2025-01-19T00:00:00Z")]
    [InlineData("0 0 1 * 5", "2025-01-15T00:00:00Z", "2025-01-17T00:00:00Z")]
    [InlineData("0 0 1 * 5", "2025-01-31T00:00:00Z", "2025-02-01T00:00:00Z")]
    [InlineData("30 22 31 12 *", "2025-12-31T22:30:00Z", "2026-12-31T22:30:00Z")]
    [InlineData("@every 1h30m", "2025-01-15T08:00:00Z", "2025-01-15T09:30:00Z")]
    public void Fires_next_at(string expression, string after, string next) =>
        CronExpression.Parse(expression).Next(Time(after)).ShouldBe(Time(next));

    [Fact]
    public void Restricted_days_of_month_and_week_either_suffice()
    {
        var expression = CronExpression.Parse("0 0 13 * 5");
        var next = Time("2025-06-01T00:00:00Z");
        var days = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            next = expression.Next(next);
            days.Add(next.Day);
        }

        days.ShouldBe([6, 13, 20, 27, 4]);
    }

    [Theory]
    [InlineData("@every 30m", 1800)]
    [InlineData("@every 9223372036854775807s", 3_153_600_000)]
    [InlineData("@every 1h30m15s", 5415)]
    [InlineData("* * * * *", 60)]
    [InlineData("0 * * * *", 3600)]
    [InlineData("0,10 * * * *", 600)]
    [InlineData("59 * * * *", 3600)]
    [InlineData("0 0 * * *", 86_400)]
    [InlineData("0 1,23 * * *", 7200)]
    [InlineData("0 23,1 1 * *", 79_200)]
    [InlineData("0 0 1 * *", 28 * 86_400)]
    [InlineData("0 0 1,31 * *", 86_400)]
    [InlineData("0 0 1,15 * *", 14 * 86_400)]
    [InlineData("0 0 * * 1", 7 * 86_400)]
    [InlineData("0 0 * * 1,3", 2 * 86_400)]
    [InlineData("0 0 1 * 1,3", 2 * 86_400)]
    [InlineData("0 0 1 6 *", 28 * 86_400)]
    [InlineData("50/5 * * * *", 300)]
    public void The_shortest_interval_is_reckoned_as_the_clients_do(string expression, long seconds) =>
        CronExpression.Parse(expression).ShortestInterval().ShouldBe(seconds);

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("* * * * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * * 13 *")]
    [InlineData("* * * * 7")]
    [InlineData("* * * JAN *")]
    [InlineData("* * * * MON")]
    [InlineData("*/0 * * * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("1-2-3 * * * *")]
    [InlineData("+5 * * * *")]
    [InlineData("0 0 31 2 *")]
    [InlineData("@every")]
    [InlineData("@every 5")]
    [InlineData("@every 0s")]
    [InlineData("@every -5m")]
    [InlineData("@every 5d")]
    [InlineData("@every 99999999999999999999h")]
    [InlineData("@daily")]
    public void What_is_no_schedule_is_refused(string text) =>
        Should.Throw<FormatException>(() => CronExpression.Parse(text)).Message.ShouldContain("'");

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
