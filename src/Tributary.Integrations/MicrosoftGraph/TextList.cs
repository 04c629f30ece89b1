using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Integrations.MicrosoftGraph;

/// <summary>A list of texts that people also write as one text with commas.</summary>
[JsonConverter(typeof(TextListConverter))]
public sealed class TextList(IEnumerable<string> items) : IReadOnlyList<string>
{
    private readonly List<string> _items = [.. items.Select(item => item.Trim()).Where(item => item.Length > 0)];

    /// <inheritdoc />
    public int Count => _items.Count;

    /// <inheritdoc />
    public string this[int index] => _items[index];

    /// <inheritdoc />
    public IEnumerator<string> GetEnumerator() => _items.GetEnumerator();

    /// <inheritdoc />
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Reads both forms, writes a list.</summary>
    public sealed class TextListConverter : JsonConverter<TextList>
    {
        /// <inheritdoc />
        public override TextList Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                return new TextList(reader.GetString()!.Split(','));
            }

            var items = new List<string>();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException("Input should be a list of texts, or one text with commas in between");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                items.Add(
                    reader.TokenType == JsonTokenType.String
                        ? reader.GetString()!
                        : throw new JsonException("Input should be a list of texts, or one text with commas in between")
                );
            }

            return new TextList(items);
        }

        /// <inheritdoc />
        public override void Write(Utf8JsonWriter writer, TextList value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            foreach (var item in value)
            {
                writer.WriteStringValue(item);
            }

            writer.WriteEndArray();
        }
    }
}
