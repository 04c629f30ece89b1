using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Sdk.Documents;

/// <summary>A tag's value: one text, or a list of texts. In JSON a string or an array of strings.</summary>
[JsonConverter(typeof(MetadataValueConverter))]
public readonly struct MetadataValue : IEquatable<MetadataValue>
{
    private readonly ImmutableArray<string> _values;

    private MetadataValue(ImmutableArray<string> values, bool isList)
    {
        _values = values;
        IsList = isList;
    }

    /// <summary>Whether it is a list (a list of one stays a list).</summary>
    public bool IsList { get; }

    /// <summary>The texts; one when it is not a list.</summary>
    public ImmutableArray<string> Values => _values.IsDefault ? [] : _values;

    /// <summary>One text.</summary>
    public static implicit operator MetadataValue(string value) => FromString(value);

    /// <summary>A list of texts.</summary>
    public static implicit operator MetadataValue(string[] values) => FromList(values);

    /// <summary>One text.</summary>
    public static MetadataValue FromString(string value) => new([value], isList: false);

    /// <summary>A list of texts.</summary>
    public static MetadataValue FromList(IEnumerable<string> values) => new([.. values], isList: true);

    /// <inheritdoc />
    public bool Equals(MetadataValue other) =>
        IsList == other.IsList && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is MetadataValue other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => Values.Length == 0 ? 0 : HashCode.Combine(Values.Length, Values[0]);

    /// <inheritdoc />
    public override string ToString() => string.Join(", ", Values);

    /// <summary>Equality by content.</summary>
    public static bool operator ==(MetadataValue left, MetadataValue right) => left.Equals(right);

    /// <summary>Inequality by content.</summary>
    public static bool operator !=(MetadataValue left, MetadataValue right) => !left.Equals(right);

    /// <summary>Writes and reads it; public so that generated JSON code of other assemblies can use it.</summary>
    public sealed class MetadataValueConverter : JsonConverter<MetadataValue>
    {
        /// <inheritdoc />
        public override MetadataValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                return FromString(reader.GetString()!);
            }

            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException("A metadata value is a string or an array of strings.");
            }

            var values = ImmutableArray.CreateBuilder<string>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                values.Add(reader.GetString() ?? "");
            }

            return new MetadataValue(values.ToImmutable(), isList: true);
        }

        /// <inheritdoc />
        public override void Write(Utf8JsonWriter writer, MetadataValue value, JsonSerializerOptions options)
        {
            if (!value.IsList)
            {
                writer.WriteStringValue(value.Values.Length == 0 ? "" : value.Values[0]);
                return;
            }

            writer.WriteStartArray();
            foreach (var text in value.Values)
            {
                writer.WriteStringValue(text);
            }

            writer.WriteEndArray();
        }
    }
}
