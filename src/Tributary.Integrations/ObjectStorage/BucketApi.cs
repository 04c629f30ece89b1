using System.Net;
using System.Net.Http.Headers;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Content;
using Tributary.Sdk.Http;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.ObjectStorage;

/// <summary>The few requests of the S3 API that reading needs. See https://docs.aws.amazon.com/AmazonS3/latest/API.</summary>
internal sealed class BucketApi(HttpClient http, ObjectStore store)
{
    /// <summary>As the store begins, until <see cref="FindAsync"/> has learned the bucket's own.</summary>
    public string Region { get; private set; } = store.Region;

    /// <summary>Finds the bucket, in another region when it is there.</summary>
    /// <param name="count">How many objects to list for a start.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">There is no such bucket, or it may not be listed.</exception>
    public async Task<BucketListing> FindAsync(int count, CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            using var request = ListRequest(null, count);
            using var response = await http.SendAnyAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return await BucketListing.ReadAsync(response, cancellationToken);
            }

            var error = await StoreError.ReadAsync(response, cancellationToken);
            if (!isFirst || error.Region is not { } region || region == Region)
            {
                throw Explain(request, response, error, isListing: true);
            }

            Region = region;
        }
    }

    /// <summary>The pages of the listing, in order of keys.</summary>
    public IAsyncEnumerable<Page<BucketListing>> PagesAsync(string? from, CancellationToken cancellationToken) =>
        http.PagesByCursorAsync(
            cursor => ListRequest(cursor, null),
            BucketListing.ReadAsync,
            listing => listing.Next,
            from,
            cancellationToken
        );

    /// <summary>Asks for an object.</summary>
    /// <param name="item">As it is listed.</param>
    /// <param name="onlyHead">Only what its headers say: the first byte is asked for, since that alone tells whether it can be read.</param>
    /// <param name="maxBytes">The most that is taken of its content.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SourceException">It cannot be had.</exception>
    /// <exception cref="ContentException">It is archived or empty.</exception>
    public async Task<HttpResponseMessage> GetAsync(
        BucketObject item,
        bool onlyHead,
        long? maxBytes,
        CancellationToken cancellationToken
    )
    {
        using var request = RequestOf($"/{ObjectStore.Escape(item.Key)}");
        if (onlyHead)
        {
            request.Headers.Range = new RangeHeaderValue(0, 0);
        }

        if (maxBytes is { } max)
        {
            request.Options.Set(OutboundOptions.MaxBodyBytes, max);
        }

        var completion = maxBytes is null
            ? HttpCompletionOption.ResponseHeadersRead
            : HttpCompletionOption.ResponseContentRead;
        var response = await http.SendAnyAsync(request, cancellationToken, completion);
        if (response.IsSuccessStatusCode && IsOfStore(response, item))
        {
            return response;
        }

        using (response)
        {
            if (response.IsSuccessStatusCode)
            {
                throw new SourceException(
                    FailureKind.Source,
                    $"{request.RequestUri!.Host} answered something else than the object, as no store of objects does: something stands in between."
                );
            }

            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                throw new ContentException(ContentProblem.Empty, "it is empty");
            }

            var error = await StoreError.ReadAsync(response, cancellationToken);
            throw error.Code is "InvalidObjectState" or "NotRestored"
                ? new ContentException(ContentProblem.Unsupported, "it is archived; restore it to have it read")
                : Explain(request, response, error, isListing: false);
        }
    }

    /// <summary>
    /// Whether this is an object, and whole: log-in pages and what a proxy cuts off have neither its marks nor its length.
    /// </summary>
    private static bool IsOfStore(HttpResponseMessage response, BucketObject item)
    {
        var content = response.Content.Headers;
        return response.Headers.Contains("ETag")
            || content.LastModified is not null
            || response.StatusCode == HttpStatusCode.PartialContent
            || (content.ContentLength is { } length && length == item.Size)
            || (
                content.ContentLength is null
                && content.ContentType?.MediaType is not (null or "text/html" or "application/json")
            );
    }

    private HttpRequestMessage ListRequest(string? cursor, int? count)
    {
        // Stores that know nothing but the first version of listings say so by their first answer.
        var query = BucketListing.IsOfVersion1(cursor) ? "?encoding-type=url" : "?list-type=2&encoding-type=url";
        if (count is not null)
        {
            query += $"&max-keys={count}";
        }

        if (store.Config.KeyPrefix is { Length: > 0 } prefix)
        {
            query += $"&prefix={Uri.EscapeDataString(prefix)}";
        }

        if (BucketListing.ParameterOf(cursor) is var (name, value))
        {
            query += $"&{name}={Uri.EscapeDataString(value)}";
        }

        return RequestOf(query);
    }

    private HttpRequestMessage RequestOf(string rest)
    {
        var root = store.BucketAt(Region).AbsoluteUri.TrimEnd('/');

        // Keys like "a/../b" are names, not ways: they have to arrive as they are.
        var asItIs = new UriCreationOptions
        {
            DangerousDisablePathAndQueryCanonicalization = rest.Split('/').Any(part => part is "." or ".."),
        };
        var address = new Uri(root + rest, asItIs);
        var request = new HttpRequestMessage(HttpMethod.Get, address).SignFor(Region);
        request.Options.Set(OutboundOptions.FollowRedirects, false);
        if (store.RequesterPays)
        {
            request.Headers.TryAddWithoutValidation("x-amz-request-payer", "requester");
        }

        return request;
    }

    private SourceException Explain(
        HttpRequestMessage request,
        HttpResponseMessage response,
        StoreError error,
        bool isListing
    )
    {
        var plain = SourceHttp.FailureOf(request, response);
        var bucket = store.Config.Bucket;
        var right = isListing ? store.Rights.List : store.Rights.Read;
        var isBucketMissing = isListing && response.StatusCode == HttpStatusCode.NotFound;
        var (kind, member, text) = error.Code switch
        {
            _ when isBucketMissing || error.Code == "NoSuchBucket" => (
                FailureKind.Configuration,
                "config.bucket_name",
                $"There is no bucket '{bucket}' that these credentials can see. Check its name, and that account, region and address are those of the bucket."
            ),
            "InvalidAccessKeyId" or "InvalidArgument" => (
                FailureKind.Credentials,
                null,
                "The store does not know the access key id. Copy it again, or make a new key; a new one may take some minutes to work."
            ),
            "SignatureDoesNotMatch" => (
                FailureKind.Credentials,
                null,
                "The secret access key does not belong to the access key id, or the region is wrong. Copy the pair again, whole."
            ),
            "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired" => (
                FailureKind.Credentials,
                null,
                "The temporary keys have expired. Give new ones, or lasting keys."
            ),
            "RequestTimeTooSkewed" => (
                FailureKind.Transient,
                null,
                "The clock of this server is more than 15 minutes off, so that its signatures are refused. Set it right."
            ),
            "AccessDenied" or "Forbidden" or "AllAccessDisabled" => (
                FailureKind.Credentials,
                null,
                $"The credentials lack a right: {right} on the bucket '{bucket}' is needed."
            ),
            "UserProjectMissing" => (
                FailureKind.Configuration,
                "config.bucket_name",
                $"The bucket '{bucket}' lets those pay who read it, which these keys cannot. Turn 'requester pays' off, or use another bucket."
            ),
            "PermanentRedirect" or "TemporaryRedirect" or "AuthorizationHeaderMalformed" => (
                FailureKind.Configuration,
                "config.region_name",
                $"The bucket '{bucket}' is in another region{(error.Region is { } region ? $" ({region})" : "")}. Give it as the region's name."
            ),
            "SlowDown" or "RequestTimeout" or "OperationAborted" => (FailureKind.Transient, null, plain.Message),
            _ when (int)response.StatusCode is >= 300 and < 400 => (
                FailureKind.Configuration,
                "config.endpoint_url",
                $"{request.RequestUri!.Host} sends requests elsewhere, as no S3 API does. Check the address."
            ),
            _ => (plain.Kind, plain.Member, plain.Message),
        };
        return new SourceException(kind, error.Code.Length > 0 ? $"{text} ({error.Code})" : text)
        {
            // An object of a bucket that is gone was not deleted by itself: the run ends.
            Status = error.Code == "NoSuchBucket" && !isListing ? null : response.StatusCode,
            Member = member,
        };
    }
}
