using System.Text.Json;
using Tributary.Api.Http;
using Tributary.Engine.Connectors;

namespace Tributary.Api.Cargo.Storage;

/// <summary>What the endpoints of this part read from requests alike.</summary>
internal static class StorageExchange
{
    /// <summary>A member of a partial update: not sent, null, or a value.</summary>
    public static Change<T?>? ChangeOf<T>(JsonElement body, string member, Func<JsonElement, T?> read) =>
        !body.TryGetProperty(member, out var value) ? null
        : value.ValueKind == JsonValueKind.Null ? new Change<T?>(default)
        : new Change<T?>(read(value));

    /// <summary>An object as it was sent.</summary>
    public static JsonElement Object(JsonElement value, string member) =>
        value.ValueKind == JsonValueKind.Object
            ? value.Clone()
            : throw RequestException.Of(["body", member], "dict_type", "Input should be an object");

    /// <summary>A text as it was sent.</summary>
    public static string Text(JsonElement value, string member) =>
        value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw RequestException.Of(["body", member], "string_type", "Input should be a text");

    /// <summary>An answer without a body, which the dialect's clients take for "done".</summary>
    public static Task DoneAsync(this Exchange exchange)
    {
        exchange.Http.Response.StatusCode = 204;
        return Task.CompletedTask;
    }
}
