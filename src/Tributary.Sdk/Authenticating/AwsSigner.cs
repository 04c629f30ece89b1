using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tributary.Sdk.Authenticating;

/// <summary>AWS Signature Version 4 in the request's headers.</summary>
internal static class AwsSigner
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    /// <summary>Signs. What an earlier signature has set is replaced.</summary>
    /// <param name="request">The request, complete.</param>
    /// <param name="body">Its body; null for one that can be read only once, which stays unsigned.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="region">The region.</param>
    /// <param name="service">The service.</param>
    /// <param name="now">The time.</param>
    public static void Sign(
        HttpRequestMessage request,
        byte[]? body,
        AwsKeySet keys,
        string region,
        string service,
        DateTimeOffset now
    )
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var bodyHash = body is null ? "UNSIGNED-PAYLOAD" : Hash(body);
        Set(request, "x-amz-date", time);
        Set(request, "x-amz-security-token", keys.SessionToken);
        if (service == "s3")
        {
            Set(request, "x-amz-content-sha256", bodyHash);
        }

        var headers = HeadersOf(request);
        var signed = string.Join(';', headers.Keys);
        var uri = request.RequestUri!;
        var canonical = string.Join(
            '\n',
            request.Method.Method,
            PathOf(uri, service),
            QueryOf(uri),
            string.Concat(headers.Select(header => $"{header.Key}:{header.Value}\n")),
            signed,
            bodyHash
        );
        var text = $"{Algorithm}\n{time}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonical))}";
        var signature = Convert.ToHexStringLower(Mac(KeyOf(keys.SecretAccessKey, time[..8], region, service), text));
        Set(
            request,
            "Authorization",
            $"{Algorithm} Credential={keys.AccessKeyId}/{scope}, SignedHeaders={signed}, Signature={signature}"
        );
    }

    /// <summary>What is signed: what decides what is done. Other headers may be added on the way.</summary>
    private static SortedDictionary<string, string> HeadersOf(HttpRequestMessage request)
    {
        var uri = request.RequestUri!;
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = request.Headers.Host ?? (uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}"),
        };
        foreach (var (name, values) in request.Headers.NonValidated.Concat(request.Content?.Headers.NonValidated ?? []))
        {
            var key = name.ToLowerInvariant();
            if (key is "range" or "date" or "content-type" || key.StartsWith("x-amz-", StringComparison.Ordinal))
            {
                headers[key] = string.Join(',', values.Select(value => Spaced(value)));
            }
        }

        return headers;
    }

    private static string Spaced(string value) =>
        string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>S3 signs each part of the path encoded once; all others encode what is sent a second time.</summary>
    private static string PathOf(Uri uri, string service) =>
        string.Join(
            '/',
            uri.AbsolutePath.Split('/').Select(part => Encode(service == "s3" ? Uri.UnescapeDataString(part) : part))
        );

    private static string QueryOf(Uri uri) =>
        string.Join(
            '&',
            uri.Query.TrimStart('?')
                .Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(pair => pair.Split('=', 2))
                .Select(pair => (Name: Again(pair[0]), Value: pair.Length > 1 ? Again(pair[1]) : ""))
                .OrderBy(pair => pair.Name, StringComparer.Ordinal)
                .ThenBy(pair => pair.Value, StringComparer.Ordinal)
                .Select(pair => $"{pair.Name}={pair.Value}")
        );

    private static string Again(string text) => Encode(Uri.UnescapeDataString(text.Replace('+', ' ')));

    private static string Encode(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (Unreserved.Contains((char)value, StringComparison.Ordinal))
            {
                result.Append((char)value);
            }
            else
            {
                result.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
            }
        }

        return result.ToString();
    }

    private static byte[] KeyOf(string secret, string day, string region, string service) =>
        Mac(Mac(Mac(Mac(Encoding.UTF8.GetBytes($"AWS4{secret}"), day), region), service), "aws4_request");

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static void Set(HttpRequestMessage request, string name, string? value)
    {
        request.Headers.Remove(name);
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
