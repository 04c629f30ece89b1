using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.Dropbox;

/// <summary>Dropbox's API: everything is a POST. See https://www.dropbox.com/developers/documentation/http.</summary>
internal sealed class DropboxApi(HttpClient http, DropboxConfig config)
{
    private string? _pathRoot;

    /// <summary>Lets paths begin at the team's space, where the account has one.</summary>
    public void BeginAt(RootInfo? root) =>
        _pathRoot =
            root?.RootNamespaceId is { } id && id != root.HomeNamespaceId && id.All(char.IsAsciiLetterOrDigit)
                ? $$"""{".tag":"root","root":"{{id}}"}"""
                : null;

    /// <summary>Whose account it is.</summary>
    public async Task<CurrentAccount> WhoAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, config.Api.At($"users/get_current_account"));
        request.Options.Set(OutboundOptions.OnlyReads, true);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await response.ReadJsonAsync(DropboxJson.Default.CurrentAccount, cancellationToken);
    }

    /// <summary>Calls a function that only reads.</summary>
    public async Task<T> CallAsync<TArgument, T>(
        FormattableString function,
        TArgument argument,
        JsonTypeInfo<TArgument> argumentType,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        using var request = SourceHttp.PostOf(config.Api.At(function), argument, argumentType, onlyReads: true);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await response.ReadJsonAsync(type, cancellationToken);
    }

    /// <summary>The folder's first entries.</summary>
    /// <exception cref="SourceException">It cannot be listed; says why.</exception>
    public async Task<EntriesAnswer> FirstAsync(int limit, CancellationToken cancellationToken)
    {
        using var request = FirstOf(limit);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await response.ReadJsonAsync(DropboxJson.Default.EntriesAnswer, cancellationToken);
    }

    /// <summary>The folder's entries, and after them what changes; null begins anew.</summary>
    public IAsyncEnumerable<Page<EntriesAnswer>> PagesAsync(
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    ) =>
        http.PagesByCursorAsync(
            from => Rooted(from is null ? FirstOf(limit) : ContinuedOf(from)),
            DropboxJson.Default.EntriesAnswer,
            answer =>
                !answer.HasMore ? null
                : string.IsNullOrEmpty(answer.Cursor)
                    ? throw new SourceException(
                        FailureKind.Source,
                        "Dropbox says that its listing goes on, and not where. The next run tries again."
                    )
                : answer.Cursor,
            cursor,
            cancellationToken
        );

    /// <summary>Asks for the content of a file.</summary>
    /// <param name="entry">The file.</param>
    /// <param name="onlyFirst">Only its first byte, to see whether it can be had.</param>
    /// <param name="maxBytes">Takes it whole, and not more than this; null hands it out as it comes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">It cannot be had; 404 when it is gone.</exception>
    /// <exception cref="ContentException">Dropbox hands out no files of its kind.</exception>
    public async Task<HttpResponseMessage> ContentAsync(
        Entry entry,
        bool onlyFirst,
        long? maxBytes,
        CancellationToken cancellationToken
    )
    {
        var (address, argument) = entry.IsExported
            ? (
                config.Content.At($"files/export"),
                JsonSerializer.Serialize(
                    new ExportArgument(entry.Id!, entry.ExportFormat),
                    DropboxJson.Default.ExportArgument
                )
            )
            : (
                config.Content.At($"files/download"),
                JsonSerializer.Serialize(new PathArgument(entry.Id!), DropboxJson.Default.PathArgument)
            );
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Options.Set(OutboundOptions.OnlyReads, true);
        request.Headers.TryAddWithoutValidation("Dropbox-API-Arg", argument);
        if (onlyFirst)
        {
            request.Headers.Range = new RangeHeaderValue(0, 0);
        }

        if (maxBytes is { } max)
        {
            request.Options.Set(OutboundOptions.MaxBodyBytes, max);
        }

        var response = await SendAsync(
            request,
            maxBytes is null ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead,
            cancellationToken
        );
        if (IsContent(response, entry))
        {
            return response;
        }

        response.Dispose();
        throw new SourceException(
            FailureKind.Source,
            $"{address.Host} answered with something else than the file: something stands in between."
        );
    }

    /// <summary>
    /// Whether an answer can be the file. Dropbox says so in a header; gateways that keep it to themselves hand out the
    /// file's length, a part of it, or a type that no error page has.
    /// </summary>
    private static bool IsContent(HttpResponseMessage response, Entry entry)
    {
        var (type, length) = (response.Content.Headers.ContentType?.MediaType, response.Content.Headers.ContentLength);
        return response.Headers.Contains("Dropbox-API-Result")
            || response.StatusCode == HttpStatusCode.PartialContent
            || (length is not null && length == entry.Size)
            || ((length is null || entry.IsExported) && type is not (null or "text/html" or "application/json"));
    }

    private HttpRequestMessage FirstOf(int limit) =>
        SourceHttp.PostOf(
            config.Api.At($"files/list_folder"),
            new ListArgument(config.Folder, Recursive: true, limit, IncludeHasExplicitSharedMembers: true),
            DropboxJson.Default.ListArgument,
            onlyReads: true
        );

    private HttpRequestMessage ContinuedOf(string cursor) =>
        SourceHttp.PostOf(
            config.Api.At($"files/list_folder/continue"),
            new CursorArgument(cursor),
            DropboxJson.Default.CursorArgument,
            onlyReads: true
        );

    private HttpRequestMessage Rooted(HttpRequestMessage request)
    {
        if (_pathRoot is not null)
        {
            request.Headers.TryAddWithoutValidation("Dropbox-API-Path-Root", _pathRoot);
        }

        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        HttpCompletionOption completion,
        CancellationToken cancellationToken
    )
    {
        var response = await http.SendAnyAsync(Rooted(request), cancellationToken, completion);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            throw Explain(SourceHttp.FailureOf(request, response), RefusalOf(text), text);
        }
    }

    private static Refusal RefusalOf(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, DropboxJson.Default.Refusal) ?? new Refusal(null, default);
        }
        catch (JsonException)
        {
            return new Refusal(null, default);
        }
    }

    private static SourceException Explain(SourceException plain, Refusal refusal, string text)
    {
        var (kind, status, message) = plain.Status switch
        {
            HttpStatusCode.Unauthorized when refusal.Is("missing_scope") => (
                FailureKind.Credentials,
                plain.Status,
                $"The token lacks the permission {refusal.RequiredScope}. Tick it under Permissions in Dropbox's app console, and make a new token: an old one does not get it."
            ),
            HttpStatusCode.Unauthorized when refusal.Is("expired_access_token") => (
                FailureKind.Credentials,
                plain.Status,
                "The access token has expired: generated ones last four hours. Sign in, or give a refresh token with the app's key and secret."
            ),
            HttpStatusCode.BadRequest when text.Contains("OAuth 2 access token", StringComparison.OrdinalIgnoreCase) =>
                (
                    FailureKind.Credentials,
                    HttpStatusCode.Unauthorized,
                    "The access token is malformed. Copy it again, whole."
                ),
            HttpStatusCode.Conflict when refusal.Is("path/not_found") => (
                FailureKind.Configuration,
                HttpStatusCode.NotFound,
                "There is no such file or folder that this account can see."
            ),
            HttpStatusCode.Conflict when refusal.Is("path/restricted_content") => (
                FailureKind.Source,
                plain.Status,
                "Dropbox does not hand this file out, because of a claim of copyright."
            ),
            HttpStatusCode.Conflict when refusal.Is("unsupported_file") => throw new ContentException(
                ContentProblem.Unsupported,
                "Dropbox neither downloads nor exports files of this kind"
            ),
            HttpStatusCode.Conflict => (
                FailureKind.Source,
                plain.Status,
                $"Dropbox does not hand this out ({refusal.ErrorSummary?.TrimEnd('.', '/')})."
            ),
            HttpStatusCode.UnprocessableEntity => (
                FailureKind.Transient,
                plain.Status,
                "The team's space has moved; the next run begins at its new place."
            ),
            _ => (plain.Kind, plain.Status, plain.Message),
        };
        return new SourceException(kind, message, plain) { Status = status };
    }
}
