using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.Slack;

/// <summary>Slack's methods. See https://docs.slack.dev/reference/methods.</summary>
internal sealed class SlackApi(HttpClient http, Uri root)
{
    private const string ErrorKey = "slack";

    /// <summary>Whose token it is, and its scopes where Slack tells them.</summary>
    public async Task<(AuthTest Identity, IReadOnlyList<string>? Scopes)> IdentifyAsync(
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, root.At($"auth.test"));
        using var response = await http.SendCheckedAsync(request, cancellationToken);
        var identity = await response.ReadJsonAsync(SlackJson.Default.AuthTest, cancellationToken);
        Verify(identity, "auth.test");
        return (
            identity,
            response.Headers.TryGetValues("X-OAuth-Scopes", out var values)
                ? [.. values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries))]
                : null
        );
    }

    /// <summary>One answer.</summary>
    public async Task<T> GetAsync<T>(
        string method,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters
    )
        where T : SlackAnswer
    {
        var answer = await http.GetJsonAsync(root.At($"{method}", parameters), type, cancellationToken);
        Verify(answer, method);
        return answer;
    }

    /// <summary>Enters a public channel; entering it twice changes nothing.</summary>
    public async Task JoinAsync(string channel, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, root.At($"conversations.join"))
        {
            Content = new FormUrlEncodedContent([new("channel", channel)]),
        };
        request.Options.Set(OutboundOptions.OnlyReads, true);
        using var response = await http.SendCheckedAsync(request, cancellationToken);
        Verify(await response.ReadJsonAsync(SlackJson.Default.JoinAnswer, cancellationToken), "conversations.join");
    }

    /// <summary>All pages of a listing.</summary>
    public IAsyncEnumerable<Page<T>> PagesAsync<T>(
        string method,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters
    )
        where T : SlackAnswer =>
        http.PagesByCursorAsync(
            cursor => root.At($"{method}", [.. parameters, ("cursor", cursor)]),
            type,
            answer =>
            {
                Verify(answer, method);
                return answer.ResponseMetadata?.NextCursor;
            },
            null,
            cancellationToken
        );

    /// <summary>All messages of a channel or thread, page by page.</summary>
    public async IAsyncEnumerable<IReadOnlyList<SlackMessage>> MessagesAsync(
        string method,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters
    )
    {
        await foreach (var page in PagesAsync(method, SlackJson.Default.MessagesAnswer, cancellationToken, parameters))
        {
            var messages = page.Body.Messages ?? throw Incomplete(method);
            if (page.Next is null && page.Body.HasMore == true)
            {
                throw Incomplete(method);
            }

            yield return [.. messages.Where(message => message?.Ts is { Length: > 0 })];
        }
    }

    /// <summary>Slack's own word for what went wrong; null when something else did.</summary>
    public static string? ErrorOf(SourceException exception) => exception.Data[ErrorKey] as string;

    /// <summary>The answer lacks what it is for, so that taking it for an empty one would lose documents.</summary>
    public static SourceException Incomplete(string method) =>
        new(
            FailureKind.Source,
            $"Slack's {method} answered without the list that it is for, or without its continuation. The next run tries again."
        );

    private static void Verify(SlackAnswer answer, string method)
    {
        if (answer.Ok)
        {
            return;
        }

        var error = answer.Error ?? "no error code";
        var (kind, advice) = error switch
        {
            "missing_scope" => (
                FailureKind.Credentials,
                $"the token lacks the scope '{answer.Needed ?? "that this method needs"}'. Add it at https://api.slack.com/apps under "
                    + "OAuth & Permissions, and install the app again"
            ),
            "invalid_auth" or "not_authed" or "account_inactive" or "token_revoked" or "token_expired" => (
                FailureKind.Credentials,
                "the token is wrong, expired or revoked. Copy the Bot User OAuth Token from the app's page OAuth & Permissions at "
                    + "https://api.slack.com/apps"
            ),
            "access_denied"
            or "team_access_not_granted"
            or "org_login_required"
            or "ekm_access_denied"
            or "no_permission"
            or "not_allowed_token_type"
            or "two_factor_setup_required" => (
                FailureKind.Credentials,
                "the workspace's administrators do not let this token in. Ask them to approve the app"
            ),
            "ratelimited"
            or "internal_error"
            or "fatal_error"
            or "service_unavailable"
            or "request_timeout"
            or "team_added_to_org"
            or "invalid_cursor" => (
                FailureKind.Transient,
                "Slack has a fault of its own or is busy; the next run tries again"
            ),
            _ => (FailureKind.Source, "Slack refuses"),
        };
        throw new SourceException(kind, $"Slack's {method} answered '{error}': {advice}.")
        {
            Status = error is "thread_not_found" or "message_not_found" ? HttpStatusCode.NotFound : null,
            Member = kind == FailureKind.Credentials ? "credentials.slack_bot_token" : null,
            Data = { [ErrorKey] = error },
        };
    }
}
