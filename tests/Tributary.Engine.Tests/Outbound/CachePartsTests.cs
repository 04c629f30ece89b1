using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tributary.Engine.Outbound.Cache;
using Tributary.Engine.Store;
using Tributary.Sdk.Http;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>The parts of the response cache, each by itself.</summary>
public sealed class CachePartsTests
{
    private static readonly Uri _address = new("https://api.example/list?a=1");
    private static readonly CacheRequest _asked = new(TimeSpan.FromHours(1));

    [Theory]
    [InlineData("Key")]
    [InlineData("auth")]
    [InlineData("sig")]
    [InlineData("X-Auth")]
    [InlineData("app_key")]
    [InlineData("sid")]
    [InlineData("Proxy-Authorization")]
    [InlineData("set-cookie")]
    [InlineData("csrf_token")]
    [InlineData("client_secret")]
    [InlineData("password")]
    [InlineData("pwd")]
    [InlineData("X-Api-Key")]
    [InlineData("AWSAccessKeyId")]
    [InlineData("private-key")]
    [InlineData("X-Amz-Credential")]
    [InlineData("X-Amz-Signature")]
    [InlineData("sessionid")]
    [InlineData("jwt")]
    public void Names_that_secrets_go_by(string name)
    {
        // Twice: the second time it is known.
        RequestKey.LooksSecret(name).ShouldBeTrue();
        RequestKey.LooksSecret(name).ShouldBeTrue();
    }

    [Theory]
    [InlineData("Accept")]
    [InlineData("monkey")]
    [InlineData("design")]
    [InlineData("page")]
    public void Names_that_are_no_secret_s(string name)
    {
        RequestKey.LooksSecret(name).ShouldBeFalse();
        RequestKey.LooksSecret(name).ShouldBeFalse();
    }

    [Fact]
    public void A_name_that_was_judged_before_costs_no_memory()
    {
        RequestKey.LooksSecret("X-Request-Id");
        var before = GC.GetAllocatedBytesForCurrentThread();
        RequestKey.LooksSecret("X-Request-Id");

        GC.GetAllocatedBytesForCurrentThread().ShouldBe(before);
    }

    [Theory]
    [InlineData("accept", true)]
    [InlineData("accept-language", true)]
    [InlineData("range", true)]
    [InlineData("if-range", true)]
    [InlineData("accept-encoding", true)]
    [InlineData("user-agent", true)]
    [InlineData("x-tenant", false)]
    public void Headers_that_the_key_covers(string name, bool isCovered) =>
        RequestKey.IsInKey(name).ShouldBe(isCovered);

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("QUERY", true)]
    [InlineData("SEARCH", true)]
    [InlineData("PROPFIND", true)]
    [InlineData("REPORT", true)]
    [InlineData("POST", false)]
    [InlineData("PUT", false)]
    public async Task Only_what_reads_has_a_key(string method, bool has)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), _address);
        (await KeyAsync(request)).HasValue.ShouldBe(has);
        request.Options.Set(OutboundOptions.OnlyReads, false);
        (await KeyAsync(request)).HasValue.ShouldBe(has);
        request.Options.Set(OutboundOptions.OnlyReads, true);
        (await KeyAsync(request)).HasValue.ShouldBeTrue();
    }

    [Fact]
    public async Task What_cannot_be_asked_alike_has_no_key()
    {
        (await KeyAsync(new(HttpMethod.Get, "https://user@api.example/"))).ShouldBeNull();
        (await KeyAsync(new(HttpMethod.Get, (Uri?)null))).ShouldBeNull();
        (await KeyAsync(With(new StreamContent(Stream.Null)))).ShouldBeNull();
        (await KeyAsync(With(new ByteArrayContent(new byte[64 * 1024 + 1])))).ShouldBeNull();
        (await KeyAsync(With(new ByteArrayContent(new byte[64 * 1024])))).ShouldNotBeNull();
    }

    [Fact]
    public async Task Redirects_that_are_handed_back_and_bodies_of_another_kind_make_another_key()
    {
        var plain = await KeyAsync(new(HttpMethod.Get, _address));
        var follows = new HttpRequestMessage(HttpMethod.Get, _address);
        follows.Options.Set(OutboundOptions.FollowRedirects, true);
        (await KeyAsync(follows)).ShouldBe(plain);
        follows.Options.Set(OutboundOptions.FollowRedirects, false);
        (await KeyAsync(follows)).ShouldNotBe(plain);
        (await KeyAsync(new(HttpMethod.Get, _address), connector: 2)).ShouldNotBe(plain);

        var text = await KeyAsync(With(new StringContent("a", Encoding.UTF8, "text/plain")));
        (await KeyAsync(With(new StringContent("a", Encoding.UTF8, "text/html")))).ShouldNotBe(text);
        (await KeyAsync(With(new StringContent("b", Encoding.UTF8, "text/plain")))).ShouldNotBe(text);
        (await KeyAsync(With(new StringContent("a", Encoding.UTF8, "text/plain")))).ShouldBe(text);
    }

    [Theory]
    [InlineData("https://api.example/list?a=1&key=mine", true)]
    [InlineData("https://api.example/list?key=mine&a=1", true)]
    [InlineData("https://api.example/list?KEY=other&a=1", true)]
    [InlineData("https://api.example/list?a=1&b", false)]
    [InlineData("https://api.example/other?a=1&key=mine", false)]
    public async Task The_connector_s_own_secrets_make_no_difference(string address, bool isSame)
    {
        var asked = _asked with { OwnSecrets = ["key"] };
        var plain = await RequestKey.OfAsync(1, new(HttpMethod.Get, _address), asked, default);
        var other = await RequestKey.OfAsync(1, new(HttpMethod.Get, address), asked, default);

        other.ShouldNotBeNull();
        (other == plain).ShouldBe(isSame);
    }

    [Theory]
    [InlineData("https://api.example/?api+key=s")]
    [InlineData("https://api.example/?a=1&access%2Dtoken=s")]
    public async Task Secrets_of_somebody_else_are_found_however_they_are_written(string address) =>
        (await KeyAsync(new(HttpMethod.Get, address))).ShouldBeNull();

    [Fact]
    public void A_key_is_stored_as_the_hash_of_the_question()
    {
        var question = "question"u8;

        CacheKey.Of(3, question).ToBytes().ShouldBe(SHA256.HashData(question));
        CacheKey.Of(3, question).ConnectorId.ShouldBe(3);
    }

    [Fact]
    public async Task A_header_in_several_lines_is_the_same_as_one_with_commas()
    {
        async Task<CacheKey?> Accepting(params string[] values)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, _address);
            request.Headers.TryAddWithoutValidation("Accept", values);
            return await KeyAsync(request);
        }

        (await Accepting("a/b", "c/d")).ShouldBe(await Accepting("a/b, c/d"));
        (await Accepting("a/b", "c/d")).ShouldNotBe(await Accepting("a/bc/d"));
    }

    [Fact]
    public async Task A_value_s_key_cannot_be_made_to_look_like_a_request_s()
    {
        // Method, address (this one's parameters go by their own), four headers, redirects, kind and no body.
        var question = "\u0003GET\u001Chttps://api.example/list&a=1\0\0\0\0\u0001\0";
        var request = CacheKey.Of(1, Encoding.UTF8.GetBytes(question));
        (await KeyAsync(new(HttpMethod.Get, _address))).ShouldBe(request);
        var store = new FakeCacheStore();

        await AskAsync(new ResponseCache(store, new ManualTime()), question);

        store.Keys.ShouldHaveSingleItem().ShouldNotBe(request.ToBytes());
    }

    [Fact]
    public void An_answer_that_came_without_a_reason_is_given_without_one()
    {
        using var response = new HttpResponseMessage((HttpStatusCode)599);
        response.ReasonPhrase.ShouldBeNull();

        using var read = StoredAnswer.Read(StoredAnswer.Write(new(), response, []), new());

        read.ReasonPhrase.ShouldBeNullOrEmpty();
    }

    [Fact]
    public async Task An_answer_is_kept_without_what_concerned_its_connection()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, _address);
        using var response = new HttpResponseMessage(HttpStatusCode.PartialContent) { ReasonPhrase = "Some of it" };
        string[] dropped =
        [
            "Connection",
            "Keep-Alive",
            "Proxy-Authenticate",
            "Proxy-Authorization",
            "TE",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            "Alt-Svc",
        ];
        foreach (var name in dropped)
        {
            response.Headers.TryAddWithoutValidation(name, "x");
        }

        response.Headers.TryAddWithoutValidation("X-Page", ["1", "2"]);
        response.Content = new ByteArrayContent([9, 9]);
        response.Content.Headers.TryAddWithoutValidation("Content-Length", "2");
        response.Content.Headers.TryAddWithoutValidation("Content-Type", "text/x");

        using var read = StoredAnswer.Read(StoredAnswer.Write(request, response, [1, 2, 3]), request);

        (read.StatusCode, read.ReasonPhrase, read.RequestMessage).ShouldBe(
            (HttpStatusCode.PartialContent, "Some of it", request)
        );
        read.Headers.Select(header => header.Key).ShouldBe(["X-Page"]);
        read.Headers.GetValues("X-Page").ShouldBe(["1", "2"]);
        read.Content.Headers.NonValidated["Content-Type"].ToString().ShouldBe("text/x");
        (await read.Content.ReadAsByteArrayAsync()).ShouldBe([1, 2, 3]);
        read.Content.Headers.ContentLength.ShouldBe(3);
    }

    [Fact]
    public void An_answer_of_another_version_is_refused_in_words() =>
        Should
            .Throw<InvalidDataException>(() => StoredAnswer.Fits([2, 0, 0, 0, 0], new()))
            .Message.ShouldContain("another version");

    [Theory]
    [InlineData(200, true)]
    [InlineData(203, true)]
    [InlineData(204, true)]
    [InlineData(206, true)]
    [InlineData(201, false)]
    [InlineData(301, false)]
    [InlineData(404, false)]
    public void Answers_that_are_no_errors_may_be_kept(int status, bool may)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);

        StoredAnswer.MayBeKept(response).ShouldBe(may);
        StoredAnswer.MayBeShared(response).ShouldBeTrue();
        response.Headers.TryAddWithoutValidation("Set-Cookie", "a=b");
        StoredAnswer.MayBeKept(response).ShouldBeFalse();
        StoredAnswer.MayBeShared(response).ShouldBeFalse();
    }

    [Fact]
    public async Task A_beginning_and_its_rest_are_read_as_one_and_closed_as_one()
    {
        var rest = new MemoryStream([4, 5, 6]);
        var stream = new RejoinedStream(new byte[] { 1, 2, 3 }, rest);
        var buffer = new byte[2];

        (await stream.ReadAsync(buffer)).ShouldBe(2);
        buffer.ShouldBe([1, 2]);
        (await stream.ReadAsync(buffer)).ShouldBe(1);
        buffer.ShouldBe([3, 2]);
        (await stream.ReadAsync(buffer)).ShouldBe(2);
        buffer.ShouldBe([4, 5]);
        await stream.DisposeAsync();
        rest.CanRead.ShouldBeFalse();
    }

    [Fact]
    public void Memory_holds_a_value_as_large_as_itself_and_none_larger()
    {
        var memory = new MemoryTier(1_200);
        var (key, other) = (CacheKey.Of(1, "a"u8), CacheKey.Of(1, "b"u8));
        memory.Put(key, Entry(1_000), 0);
        memory.Bytes.ShouldBe(1_200);
        memory.Put(other, Entry(1_001), 0);

        memory.Find(other, 0).ShouldBeNull();
        memory.Find(key, 0).ShouldNotBeNull();
        memory.Put(other, Entry(1_000), 0);
        memory.Find(key, 0).ShouldBeNull();
        memory.Bytes.ShouldBe(1_200);

        // Purged meanwhile: gone for good.
        memory.Find(other, 1).ShouldBeNull();
        memory.Find(other, 0).ShouldBeNull();
        memory.Bytes.ShouldBe(0);
    }

    [Fact]
    public async Task A_question_goes_on_while_somebody_waits_and_cannot_be_joined_once_it_was_given_up()
    {
        var flight = new Flight();
        var answer = new TaskCompletionSource<CacheEntry?>();
        flight.Start(answer.Task);
        flight.TryJoin().ShouldBeTrue();
        flight.TryJoin().ShouldBeTrue();
        var stop = flight.Stop;
        using var leaving = new CancellationTokenSource();
        var (one, other) = (flight.WaitAsync(leaving.Token), flight.WaitAsync(CancellationToken.None));

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => one);
        stop.IsCancellationRequested.ShouldBeFalse();
        flight.TryJoin().ShouldBeTrue();
        answer.SetResult(Entry(1));
        (await other).ShouldNotBeNull();
        (await flight.WaitAsync(CancellationToken.None)).ShouldNotBeNull();
        stop.IsCancellationRequested.ShouldBeTrue();
        flight.TryJoin().ShouldBeFalse();
    }

    [Fact]
    public async Task A_value_of_a_megabyte_is_kept_and_a_larger_one_and_a_failure_are_not()
    {
        var store = new FakeCacheStore();
        var cache = new ResponseCache(store, new ManualTime());
        Task Put(string key, int size, bool mayBeKept = true, int hours = 1) =>
            cache.GetOrAddAsync(
                1,
                key,
                TimeSpan.FromHours(hours),
                false,
                _ => Task.FromResult(new FreshValue(new byte[size], mayBeKept)),
                default
            );

        await Put("a", ResponseCache.MostValueBytes);
        store.Put.ShouldBe(1);
        await Put("b", ResponseCache.MostValueBytes + 1);
        await Put("c", 1, mayBeKept: false);
        var found = store.Found;
        await Put("d", 1, hours: 0);
        store.Put.ShouldBe(1);
        store.Found.ShouldBe(found, "what may not be old need not be looked for");
    }

    [Fact]
    public async Task Whoever_has_gone_before_asking_has_nothing_asked()
    {
        var cache = new ResponseCache(new FakeCacheStore(), new ManualTime());
        var asked = 0;
        Task Ask(string key, bool hasGone) =>
            cache.GetOrAddAsync(
                1,
                key,
                TimeSpan.FromHours(1),
                false,
                _ => Task.FromResult(new FreshValue([(byte)Interlocked.Increment(ref asked)])),
                new CancellationToken(hasGone)
            );
        var gone = new List<Task>();

        // From outside the thread pool, which does such work in its order: what was wrongly asked comes before the last.
        var last = await Task.Factory.StartNew(
            () =>
            {
                gone.AddRange(Enumerable.Range(0, 20).Select(i => Ask($"{i}", hasGone: true)));
                return Ask("a", hasGone: false);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        await last;

        gone.ShouldAllBe(one => one.IsCanceled);
        asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_question_that_goes_on_after_it_was_given_up_does_not_hold_up_the_next()
    {
        var cache = new ResponseCache(new FakeCacheStore(), new ManualTime());
        var deaf = new TaskCompletionSource<FreshValue>();
        using var leaving = new CancellationTokenSource();
        var given = cache.GetOrAddAsync(1, "a", TimeSpan.FromHours(1), false, _ => deaf.Task, leaving.Token);
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => given);
        cache.Asking.ShouldBe(1);

        (await AskAsync(cache, "a")).Outcome.ShouldBe(CacheOutcome.Miss);
        cache.Asking.ShouldBe(0);
        deaf.SetResult(new FreshValue([]));
    }

    [Fact]
    public async Task The_store_is_asked_once_for_what_memory_can_hold_and_each_second_for_purges()
    {
        var time = new ManualTime();
        var store = new FakeCacheStore { Stored = new CacheEntry([7], time.GetUtcNow()) };
        var cache = new ResponseCache(store, time);
        async Task<string> Get()
        {
            var value = await AskAsync(cache, "a");
            return $"{value.Value[0]} {value.Outcome}";
        }

        (await Get()).ShouldBe("7 Hit");
        time.Advance(TimeSpan.FromSeconds(0.999));
        (await Get()).ShouldBe("7 Hit");
        (store.Found, store.AskedForPurges).ShouldBe((1, 1));
        time.Advance(TimeSpan.FromSeconds(0.001));
        (await Get()).ShouldBe("7 Hit");
        (store.Found, store.AskedForPurges).ShouldBe((1, 2));

        await cache.PurgeAsync(1, default);
        store.Purges.ShouldBe(1);
        (await Get()).ShouldBe("8 Miss");
        (await Get()).ShouldBe("8 Hit");
        store.AskedForPurges.ShouldBe(3);
    }

    [Fact]
    public async Task A_value_from_the_future_is_none()
    {
        var time = new ManualTime();
        var store = new FakeCacheStore { Stored = new CacheEntry([7], time.GetUtcNow().AddTicks(1)) };
        var cache = new ResponseCache(store, time);

        var value = await AskAsync(cache, "a");

        (value.Outcome, value.StoredAt).ShouldBe((CacheOutcome.Miss, time.GetUtcNow()));
    }

    private static CacheEntry Entry(int size) => new(new byte[size], DateTimeOffset.UnixEpoch);

    private static HttpRequestMessage With(HttpContent content) =>
        new(new HttpMethod("SEARCH"), _address) { Content = content };

    private static async Task<CacheKey?> KeyAsync(HttpRequestMessage request, long connector = 1) =>
        await RequestKey.OfAsync(connector, request, _asked, CancellationToken.None);

    private static Task<CachedValue> AskAsync(ResponseCache cache, string key) =>
        cache.GetOrAddAsync(
            1,
            key,
            TimeSpan.FromHours(1),
            false,
            _ => Task.FromResult(new FreshValue([8])),
            CancellationToken.None
        );
}
