using System.Collections;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Tributary.Api.Http;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Tests;

/// <summary>Makes requests that are nearly right, from what an endpoint says of itself. The same seed makes the same ones.</summary>
internal sealed class HostileRequests(int seed)
{
    private static readonly string[] Texts =
    [
        "",
        " ",
        "a",
        "web",
        "file",
        "ingestion_api",
        "slack",
        "OUTLOOK",
        "ACTIVE",
        "PAUSED",
        "refresh_frequency",
        "admin",
        "reader",
        "1",
        "-1",
        "3600",
        "true",
        "null",
        "2025-01-15T08:30:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "3c90c3cc-0d44-4b50-8888-8dd25736052a",
        "a@b",
        "https://docs.example.com",
        "../../etc/passwd",
        "'; DROP TABLE connector; --",
        "\"phrase\" -without prefix* AND (",
        "<script>alert(1)</script>",
        "\u202e\u0000\ufffe",
        "😀ß漢字",
        "%00%ff%2f",
        "\r\nSet-Cookie: a=b",
        new('x', 300),
        new('ü', 20_000),
    ];

    // As they stand in JSON.
    private static readonly string[] Values =
    [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1",
        "2",
        "60",
        "1.5",
        "-0.0",
        "1e400",
        "1e-400",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "123456789012345678901234567890",
        "{}",
        "[]",
        "[[]]",
        "[null]",
        "{\"\":null}",
        "{\"a\":1,\"a\":2}",
        "{\"base_url\":\"https://docs.example.com\"}",
        "{\"credentials\":{}}",
        "\"\\ud800\"",
        "\"\\udc00x\"",
        "\"\\u0000\"",
        "{\"\\ud800\":1}",
        "NaN",
        "'a'",
        "// comment",
    ];

    private static readonly string[] MediaTypes =
    [
        "application/json",
        "application/json; charset=utf-16",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=\"\"",
        "application/x-ndjson",
        "application/octet-stream",
        "/",
    ];

    private static readonly string[] Tokens = ["Bearer wrong", "Bearer", "Basic !", "~", "Bearer a b c"];

    private readonly Random _random = new(seed);

    /// <summary>Whose requests they are: a person's, since a token may be among what they revoke.</summary>
    public required string Session { get; set; }

    public HttpRequestMessage Make(RouteEndpoint endpoint)
    {
        var description = endpoint.Metadata.GetMetadata<EndpointDescription>()!;
        var method = Chance(0.05)
            ? Pick("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "TRACE", "FOO")
            : endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
        var request = new HttpRequestMessage(new HttpMethod(method), Path(endpoint, description));
        if (Chance(0.03))
        {
            request.Headers.TryAddWithoutValidation("Authorization", Pick(Tokens));
        }

        var cookie = Chance(0.03) ? Pick("", "x", "\"", ";;=") : Session;
        request.Headers.TryAddWithoutValidation("Cookie", $"fastapiusersauth={cookie}");
        if (description.BodyType is { } body && method is not ("GET" or "HEAD" or "TRACE"))
        {
            request.Content = Content(description, body);
        }

        return request;
    }

    private string Path(RouteEndpoint endpoint, EndpointDescription description)
    {
        var path = endpoint.RoutePattern.RawText!;
        foreach (var parameter in endpoint.RoutePattern.Parameters)
        {
            var value = Chance(0.6) ? Pick("1", "4", "2", "99") : Uri.EscapeDataString(Short(Pick(Texts)));
            path = path.Replace($"{{{parameter.Name}}}", value.Length == 0 ? "%20" : value);
        }

        if (description.QueryType is { } query)
        {
            var parts = SettingsSchema
                .For(query)
                .Members.Where(_ => Chance(0.4))
                .Select(member => $"{member.Name}={Uri.EscapeDataString(Short(Chance(0.3) ? "1" : Pick(Texts)))}");
            path += "?" + string.Join('&', parts);
        }

        return path;
    }

    private ByteArrayContent Content(EndpointDescription description, Type body)
    {
        byte[] bytes;
        string type;
        if (description.BodyMediaType == "multipart/form-data")
        {
            type = "multipart/form-data; boundary=x";
            bytes = Encoding.UTF8.GetBytes(Form());
        }
        else if (description.BodyMediaType.StartsWith("application/x-www", StringComparison.Ordinal))
        {
            type = description.BodyMediaType;
            bytes = Encoding.UTF8.GetBytes(
                $"username={Uri.EscapeDataString(Short(Pick(Texts)))}&password=%00{Pick("", "a", "&&=", "%")}"
            );
        }
        else
        {
            type = description.BodyMediaType;
            bytes = Encoding.UTF8.GetBytes(Json(body, depth: 0));
        }

        if (Chance(0.3))
        {
            bytes = Mutate(bytes);
        }

        var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", Chance(0.06) ? Pick(MediaTypes) : type);
        return content;
    }

    private string Form()
    {
        var form = new StringBuilder();
        for (var part = _random.Next(4); part > 0; part--)
        {
            var name = Pick("files", "files[]", "files.items", "sources_json", "file_ids_to_remove", "", "other");
            var file = Chance(0.6)
                ? $"; filename=\"{Short(Pick(Texts)).Replace("\"", "%22").ReplaceLineEndings("")}\""
                : "";
            var text = name switch
            {
                "sources_json" => Pick(
                    "[]",
                    """{"name":"n","type":"file"}""",
                    """{"sources":[{"name":"n","type":"web","config":{"base_url":"https://a.example"}}],"collection_name":"c"}""",
                    Pick(Values)
                ),
                "file_ids_to_remove" => Pick("[]", "[\"00000001\"]", Pick(Values)),
                _ => Pick(Texts),
            };
            form.Append(
                CultureInfo.InvariantCulture,
                $"--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n"
            );
        }

        return form.Append(Chance(0.9) ? "--x--\r\n" : "").ToString();
    }

    private string Json(Type type, int depth)
    {
        if (Chance(0.04))
        {
            return Chance(0.1) ? Deep() : Pick(Values);
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(JsonElement))
        {
            return depth < 3 ? Json(typeof(Clarm.Push.PushedDocumentBody), depth + 1) : Pick(Values);
        }

        if (type == typeof(string))
        {
            return JsonSerializer.Serialize(Pick(Texts));
        }

        if (type == typeof(bool))
        {
            return Pick("true", "false", "\"yes\"");
        }

        if (type.IsPrimitive)
        {
            return Pick("1", "2", "60", "300", "\"7\"", "4");
        }

        if (type.IsEnum)
        {
            return JsonSerializer.Serialize(Pick([.. SettingsReader.EnumValues(type).Keys, "other"]));
        }

        if (type == typeof(DateTimeOffset) || type == typeof(Guid))
        {
            return JsonSerializer.Serialize(Pick(Texts));
        }

        if (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type))
        {
            var arguments = type.GetGenericArguments();
            var items = Enumerable.Range(0, _random.Next(3));
            return arguments.Length == 1
                ? $"[{string.Join(',', items.Select(_ => Json(arguments[0], depth + 1)))}]"
                : $"{{{string.Join(',', items.Select(index => $"\"{Pick("base_url", "file_locations", "k")}{(index == 0 ? "" : index)}\":{Json(arguments[1], depth + 4)}"))}}}";
        }

        var members = SettingsSchema
            .For(type)
            .Members.Where(member => member.IsRequired ? Chance(0.97) : Chance(0.4))
            .Select(member => $"\"{member.Name}\":{Json(member.Property.PropertyType, depth + 1)}");
        return $"{{{string.Join(',', members)}}}";
    }

    private byte[] Mutate(byte[] bytes)
    {
        var list = bytes.ToList();
        for (var times = _random.Next(1, 4); times > 0 && list.Count > 0; times--)
        {
            var at = _random.Next(list.Count);
            switch (_random.Next(4))
            {
                case 0:
                    list.RemoveRange(at, list.Count - at);
                    break;
                case 1:
                    list[at] = (byte)_random.Next(256);
                    break;
                case 2:
                    list.InsertRange(at, Encoding.UTF8.GetBytes(Pick(Values)));
                    break;
                default:
                    list.InsertRange(at, list.Slice(at, Math.Min(20, list.Count - at)));
                    break;
            }
        }

        return [.. list];
    }

    private string Deep()
    {
        var depth = _random.Next(20, 5_000);
        return new string('[', depth) + new string(']', depth);
    }

    // Addresses of several kilobytes are the web server's to refuse.
    private static string Short(string text) => text.Length > 300 ? text[..300] : text;

    private bool Chance(double share) => _random.NextDouble() < share;

    private T Pick<T>(params ReadOnlySpan<T> items) => items[_random.Next(items.Length)];
}
