using Tributary.Engine.Catalog;
using Tributary.Engine.Models;

namespace Tributary.Engine.Tests.Models;

public class FetchingPolicyTests
{
    [Fact]
    public void Waits_grow_as_the_extractor_says()
    {
        var policy = FetchingPolicy.Of(new RetryDescription(5, 1_000, 2));

        Enumerable.Range(2, 4).Select(attempt => policy.WaitBefore(attempt).TotalSeconds).ShouldBe([1, 2, 4, 8]);
    }

    [Fact]
    public void No_wait_is_endless()
    {
        FetchingPolicy
            .Of(new RetryDescription(null, long.MaxValue, 1e9))
            .WaitBefore(1_000)
            .ShouldBe(TimeSpan.FromHours(1));
        FetchingPolicy.Of(null).WaitBefore(50).ShouldBe(TimeSpan.FromMinutes(3));
    }
}
