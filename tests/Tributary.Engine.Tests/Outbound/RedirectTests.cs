using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Outbound;

public sealed class RedirectTests
{
    [Fact]
    public async Task Follows_relative_and_absolute_targets_and_shows_the_final_address()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            switch (context.Request.Path)
            {
                case "/a":
                    context.Response.Redirect("b?x=1");
                    return Task.CompletedTask;
                case "/b":
                    context.Response.Redirect(
                        $"http://{context.Request.Host}/c",
                        permanent: true,
                        preserveMethod: true
                    );
                    return Task.CompletedTask;
                default:
                    return context.Response.WriteAsync("there");
            }
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        using var response = await client.Http.GetAsync(new Uri(server.BaseUri, "a#part"));

        (await response.Content.ReadAsStringAsync()).ShouldBe("there");
        response.RequestMessage!.RequestUri.ShouldBe(new Uri(server.BaseUri, "c#part"));
        server.Requests.ShouldBe(["GET /a", "GET /b?x=1", "GET /c"]);
    }

    [Fact]
    public async Task Takes_nothing_to_another_origin_that_only_the_first_may_know()
    {
        await using var other = await LoopbackServer.StartAsync(context =>
            context.Response.WriteAsync(string.Join('\n', context.Request.Headers.Select(h => $"{h.Key}: {h.Value}")))
        );
        await using var first = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Redirect(other.BaseUri.AbsoluteUri);
            return Task.CompletedTask;
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);
        client.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer secret-1");
        using var request = new HttpRequestMessage(HttpMethod.Get, first.BaseUri);
        request.Headers.Add("Cookie", "session=secret-2");
        request.Headers.Add("X-Api-Key", "secret-3");
        request.Headers.Add("Accept", "text/html");
        request.Headers.Add("If-None-Match", "\"tag\"");
        request.Headers.Add("Range", "bytes=0-99");
        request.Headers.Add("Accept-Language", "de");

        using var response = await client.Http.SendAsync(request);
        var seen = await response.Content.ReadAsStringAsync();

        seen.ShouldNotContain("secret");
        seen.ShouldContain("Accept: text/html");
        seen.ShouldContain("If-None-Match: \"tag\"");
        seen.ShouldContain("Range: bytes=0-99");
        seen.ShouldContain("Accept-Language: de");
        seen.ShouldContain("User-Agent: Tributary/");
    }

    [Fact]
    public async Task Keeps_credentials_at_the_same_origin()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            if (context.Request.Path == "/a")
            {
                context.Response.Redirect("/b");
                return Task.CompletedTask;
            }

            return context.Response.WriteAsync(context.Request.Headers.Authorization.ToString());
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);
        client.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer token");

        (await client.Http.GetStringAsync(new Uri(server.BaseUri, "a"))).ShouldBe("Bearer token");
    }

    [Theory]
    [InlineData(301, "POST", "GET ")]
    [InlineData(302, "POST", "GET ")]
    [InlineData(303, "POST", "GET ")]
    [InlineData(303, "PUT", "GET ")]
    [InlineData(301, "PUT", "PUT body")]
    [InlineData(307, "POST", "POST body")]
    [InlineData(308, "POST", "POST body")]
    [InlineData(303, "HEAD", "HEAD ")]
    public async Task Turns_methods_the_way_that_the_status_asks_for(int status, string method, string expected)
    {
        var seen = "";
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/a")
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = "/b";
                return;
            }

            seen = $"{context.Request.Method} {await new StreamReader(context.Request.Body).ReadToEndAsync()}";
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.BaseUri, "a"));
        request.Content = method == "HEAD" ? null : new StringContent("body");

        using var response = await client.Http.SendAsync(request);

        seen.ShouldBe(expected);
    }

    [Fact]
    public async Task A_streamed_body_is_not_sent_twice()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "/b";
            return Task.CompletedTask;
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        var failure = await Should.ThrowAsync<SourceException>(() =>
            client.Http.PostAsync(server.BaseUri, new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes("body"))))
        );

        failure.Message.ShouldContain("stream");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_body_is_not_sent_to_another_origin()
    {
        await using var other = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var first = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = other.BaseUri.AbsoluteUri;
            return Task.CompletedTask;
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        await Should.ThrowAsync<SourceException>(() =>
            client.Http.PostAsync(first.BaseUri, new StringContent("client_secret=x"))
        );

        other.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Follows_ten_hops_and_not_one_more()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            var left = int.Parse(context.Request.Path.Value!.Trim('/'));
            if (left > 0)
            {
                context.Response.Redirect($"/{left - 1}");
            }

            return Task.CompletedTask;
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);

        (await client.Http.GetAsync(new Uri(server.BaseUri, "10"))).IsSuccessStatusCode.ShouldBeTrue();
        var failure = await Should.ThrowAsync<SourceException>(() =>
            client.Http.GetAsync(new Uri(server.BaseUri, "11"))
        );

        failure.Kind.ShouldBe(FailureKind.Source);
        server.Requests.Count.ShouldBe(11 + 11);
    }

    [Fact]
    public async Task Hands_the_redirect_back_when_asked_to()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        await using var outbound = new OutboundFixture();
        using var client = outbound.Client(limits: []);
        using var request = new HttpRequestMessage(HttpMethod.Get, server.BaseUri);
        request.Options.Set(OutboundOptions.FollowRedirects, false);

        using var response = await client.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Refuses_to_go_from_https_to_http()
    {
        using var handler = new Engine.Outbound.RedirectHandler { InnerHandler = new Answering() };
        using var invoker = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://secure.example/");

        var failure = await Should.ThrowAsync<SourceException>(() => invoker.SendAsync(request, default));

        failure.Message.ShouldContain("https to http");
    }

    private sealed class Answering : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken token) =>
            Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.Found)
                {
                    Headers = { Location = new Uri("http://secure.example/") },
                }
            );
    }
}
