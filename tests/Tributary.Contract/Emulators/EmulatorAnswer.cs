using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tributary.Contract.Emulators;

/// <summary>What an emulator answers.</summary>
public sealed record EmulatorAnswer(int Status, string? ContentType, byte[] Body)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>More headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>JSON with members as they are named in C#: anonymous objects in the vendor's spelling.</summary>
    public static EmulatorAnswer Json(object? value, int status = 200) =>
        new(status, "application/json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(value, Options));

    /// <summary>An object without its members that are null, for vendors who leave them out.</summary>
    public static JsonObject Sparse(object value)
    {
        var json = JsonSerializer.SerializeToNode(value, Options)!.AsObject();
        foreach (var name in json.Where(member => member.Value is null).Select(member => member.Key).ToList())
        {
            json.Remove(name);
        }

        return json;
    }

    /// <summary>Bytes of a file.</summary>
    public static EmulatorAnswer File(byte[] content, string contentType) => new(200, contentType, content);

    /// <summary>Text of any kind.</summary>
    public static EmulatorAnswer Text(string text, string contentType = "text/plain", int status = 200) =>
        new(status, contentType, Encoding.UTF8.GetBytes(text));

    /// <summary>No body.</summary>
    public static EmulatorAnswer Empty(int status) => new(status, null, []);

    /// <summary>The same with one more header.</summary>
    public EmulatorAnswer With(string name, string value) =>
        this with
        {
            Headers = new Dictionary<string, string>(Headers) { [name] = value },
        };
}
