using System.Text.Json;
using System.Text.Unicode;

namespace Tributary.Engine.Custom.Client;

/// <summary>Parses JSON that somebody else's program sent, so that it can be walked and stored without surprises.</summary>
internal static class ForeignJson
{
    private static readonly JsonDocumentOptions _options = new() { MaxDepth = 64 };

    /// <summary>Parses it.</summary>
    /// <exception cref="JsonException">It is no JSON, is nested more than 64 levels deep, or holds broken text.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        if (!Utf8.IsValid(utf8))
        {
            throw new JsonException("It is not valid UTF-8.");
        }

        // Half a surrogate pair passes the parser, and throws wherever the text is first read.
        if (utf8.IndexOf("\\ud"u8) >= 0 || utf8.IndexOf("\\uD"u8) >= 0)
        {
            DemandWholeCharacters(utf8);
        }

        return JsonElement.Parse(utf8, _options);
    }

    private static void DemandWholeCharacters(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = _options.MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }
        }
        catch (InvalidOperationException)
        {
            throw new JsonException("A text holds half of a surrogate pair.");
        }
    }
}
