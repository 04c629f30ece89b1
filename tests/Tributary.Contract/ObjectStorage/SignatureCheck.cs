using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Tributary.Contract.Emulators;

namespace Tributary.Contract.ObjectStorage;

/// <summary>Calculates Signature Version 4 from what arrived, as the store does, and not from what was meant.</summary>
internal static class SignatureCheck
{
    public static bool IsRight(EmulatorCall call, string secret)
    {
        var parts = call.Header("Authorization")!.Split("AWS4-HMAC-SHA256 ").Last().Split(", ");
        var values = parts.Select(part => part.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        var scope = values["Credential"].Split('/', 2)[1];
        var target = call.Request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?', 2);
        var query = (target.ElementAtOrDefault(1) ?? "")
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Contains('=') ? pair : pair + "=")
            .Order(StringComparer.Ordinal);
        var names = values["SignedHeaders"].Split(';');
        var canonical = string.Join(
            '\n',
            [
                call.Request.Method,
                target[0],
                string.Join('&', query),
                .. names.Select(name => $"{name}:{call.Header(name)}"),
                "",
                values["SignedHeaders"],
                call.Header("x-amz-content-sha256"),
            ]
        );
        var text = string.Join(
            '\n',
            "AWS4-HMAC-SHA256",
            call.Header("x-amz-date"),
            scope,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))
        );
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes($"AWS4{secret}"), Mac);
        return Convert.ToHexStringLower(Mac(key, text)) == values["Signature"];
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
