using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tributary.Engine;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Http;

/// <summary>
/// Maps a dialect's endpoints. Around each it finds out who asks, keeps other sites' pages out, and turns every refusal
/// and every mishap into an answer in the dialect's own shape.
/// </summary>
/// <param name="routes">Where to map.</param>
/// <param name="dialect">The dialect's name.</param>
/// <param name="errors">How it tells of mistakes.</param>
/// <param name="prefix">What its paths start with.</param>
/// <param name="demand">What it demands of every request of a known caller; throws when it is not so.</param>
internal sealed partial class DialectRoutes(
    IEndpointRouteBuilder routes,
    string dialect,
    IErrorWriter errors,
    string prefix = "",
    Action<Exchange>? demand = null
)
{
    private readonly Dictionary<string, SortedSet<string>> _methods = [];
    private readonly ILogger _log = routes
        .ServiceProvider.GetRequiredService<ILoggerFactory>()
        .CreateLogger($"Tributary.Api.{dialect}");

    private string _tag = "";

    /// <summary>The heading that the following endpoints stand under in the API's description.</summary>
    public void Under(string tag) => _tag = tag;

    /// <summary>Maps an endpoint for a known caller.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="pattern">The path, without the dialect's prefix.</param>
    /// <param name="answer">Answers.</param>
    /// <param name="summary">What it does, in a few words for the API's description.</param>
    public EndpointDescription Map(string method, string pattern, Func<Exchange, Task> answer, string summary) =>
        Add(
            method,
            pattern,
            http => AnswerAsync(http, answer),
            new EndpointDescription(summary, _tag, NeedsCaller: true)
        );

    /// <summary>Maps an endpoint for anybody.</summary>
    public EndpointDescription MapOpen(string method, string pattern, Func<HttpContext, Task> answer, string summary) =>
        Add(
            method,
            pattern,
            http => GuardAsync(http, answer),
            new EndpointDescription(summary, _tag, NeedsCaller: false)
        );

    /// <summary>Answers 405 where a path is known but not with that method.</summary>
    public void RefuseOtherMethods()
    {
        foreach (var (pattern, methods) in _methods)
        {
            var allowed = string.Join(", ", methods);
            routes.Map(
                prefix + pattern,
                (RequestDelegate)(
                    http =>
                    {
                        http.Response.Headers.Allow = allowed;
                        return errors.WriteAsync(http, 405, "Method Not Allowed");
                    }
                )
            );
        }
    }

    /// <summary>Answers 404 for every other path below one.</summary>
    public void RefuseOtherPaths(string below) =>
        routes.Map(prefix + below + "/{**rest}", (RequestDelegate)(http => errors.WriteAsync(http, 404, "Not Found")));

    private EndpointDescription Add(
        string method,
        string pattern,
        RequestDelegate answer,
        EndpointDescription description
    )
    {
        if (!_methods.TryGetValue(pattern, out var methods))
        {
            _methods[pattern] = methods = [];
        }

        methods.Add(method);
        routes
            .MapMethods(prefix + pattern, [method], answer)
            .Add(endpoint =>
            {
                endpoint.Metadata.Add(new DialectName(dialect));
                description.AddTo(endpoint.Metadata, answer.Method);
            });
        return description;
    }

    private Task AnswerAsync(HttpContext http, Func<Exchange, Task> answer) =>
        GuardAsync(
            http,
            async context =>
            {
                var identities = context.RequestServices.GetRequiredService<IIdentityService>();
                if (await Authentication.FindAsync(context, identities) is not { } caller)
                {
                    context.Response.Headers.WWWAuthenticate = "Bearer";
                    throw new RequestException(401, "Unauthorized");
                }

                if (Authentication.IsByCookie(context))
                {
                    SameOrigin.Demand(context);
                }

                var exchange = new Exchange(context, caller);
                demand?.Invoke(exchange);
                await answer(exchange);
            }
        );

    private async Task GuardAsync(HttpContext http, Func<HttpContext, Task> answer)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        try
        {
            await answer(http);
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            await RefuseAsync(http, exception);
        }
        catch (Exception exception)
        {
            if (!http.RequestAborted.IsCancellationRequested)
            {
                LogBrokenOff(_log, http.Request.Method, http.Request.Path, exception);
            }

            // Half an answer must not look like a whole one.
            http.Abort();
        }
    }

    private Task RefuseAsync(HttpContext http, Exception exception)
    {
        switch (exception)
        {
            case RequestException { Status: 422 } refusal:
                return errors.WriteAsync(http, refusal.Problems);
            case RequestException refusal:
                return errors.WriteAsync(http, refusal.Status, refusal.Message, refusal.Reason);
            case EngineException { Kind: RefusalKind.Invalid, Problems.Count: > 0 } refusal:
                return errors.WriteAsync(
                    http,
                    [.. refusal.Problems.Select(problem => problem with { Path = errors.Locate(problem.Path) })]
                );
            case EngineException { Kind: RefusalKind.Invalid } refusal:
                return errors.WriteAsync(http, RequestException.Of(["body"], "value_error", refusal.Message).Problems);
            case EngineException refusal:
                return errors.WriteAsync(http, StatusOf(refusal.Kind), refusal.Message, refusal.Reason);
            case BadHttpRequestException { StatusCode: 413 }:
                return errors.WriteAsync(http, 413, "The request is too large.");
            case BadHttpRequestException bad:
                return errors.WriteAsync(http, bad.StatusCode, bad.Message);
            case OperationCanceledException when http.RequestAborted.IsCancellationRequested:
            case IOException when http.RequestAborted.IsCancellationRequested:
                http.Response.StatusCode = 499;
                return Task.CompletedTask;
            case OperationCanceledException:
                return errors.WriteAsync(http, 503, "The server is shutting down. Try again in a moment.");
            default:
                LogUnexpected(_log, http.TraceIdentifier, http.Request.Method, http.Request.Path, exception);
                return errors.WriteAsync(http, 500, "Internal Server Error");
        }
    }

    private static int StatusOf(RefusalKind kind) =>
        kind switch
        {
            RefusalKind.Rejected => 400,
            RefusalKind.Forbidden => 403,
            RefusalKind.NotFound => 404,
            RefusalKind.Conflict => 409,
            RefusalKind.OutOfCredits => 402,
            _ => 422,
        };

    [LoggerMessage(4001, LogLevel.Error, "Request {RequestId} ({Method} {Path}) met a mistake of ours")]
    private static partial void LogUnexpected(
        ILogger log,
        string requestId,
        string method,
        string path,
        Exception exception
    );

    [LoggerMessage(4002, LogLevel.Warning, "The answer to {Method} {Path} was broken off")]
    private static partial void LogBrokenOff(ILogger log, string method, string path, Exception exception);
}
