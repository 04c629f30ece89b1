using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tributary.Engine.Models.Queries;

/// <summary>Rows as a JSON array of objects, in memory and bounded.</summary>
internal sealed class JsonRows(int maxBytes) : IRowSink, IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private List<string> _columns = [];
    private Utf8JsonWriter? _json;

    public void Begin(IReadOnlyList<string> columns)
    {
        // Two columns of one name would be one member.
        var names = new List<string>(columns.Count);
        foreach (var column in columns)
        {
            var name = column;
            for (var i = 1; names.Contains(name); i++)
            {
                name = string.Create(CultureInfo.InvariantCulture, $"{column}_{i}");
            }

            names.Add(name);
        }

        _columns = names;
        _json = new Utf8JsonWriter(_buffer);
        _json.WriteStartArray();
    }

    public void Add(ReadOnlySpan<object?> values)
    {
        var json = _json!;
        json.WriteStartObject();
        for (var i = 0; i < values.Length; i++)
        {
            json.WritePropertyName(_columns[i]);
            switch (values[i])
            {
                case long number:
                    json.WriteNumberValue(number);
                    break;
                case double number when double.IsFinite(number):
                    json.WriteNumberValue(number);
                    break;
                case string text:
                    json.WriteStringValue(text);
                    break;
                case byte[] bytes:
                    json.WriteBase64StringValue(bytes);
                    break;
                default:
                    json.WriteNullValue();
                    break;
            }
        }

        json.WriteEndObject();
        if (json.BytesCommitted + json.BytesPending > maxBytes)
        {
            throw QueryService.Invalid(
                $"The rows are larger than {maxBytes} bytes: select less, or use query/download."
            );
        }
    }

    /// <summary>The array.</summary>
    public JsonElement End()
    {
        _json!.WriteEndArray();
        _json.Flush();
        return JsonElement.Parse(_buffer.WrittenSpan);
    }

    public void Dispose() => _json?.Dispose();
}

/// <summary>Rows as comma-separated values (RFC 4180), into a stream and bounded.</summary>
internal sealed class CsvRows(Stream stream, long maxBytes) : IRowSink, IAsyncDisposable
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");
    private readonly StreamWriter _text = new(stream, new UTF8Encoding(false), bufferSize: 64 * 1024, leaveOpen: true)
    {
        NewLine = "\r\n",
    };

    public void Begin(IReadOnlyList<string> columns) => Write(columns.Select(object? (name) => name).ToArray());

    public void Add(ReadOnlySpan<object?> values) => Write(values);

    public ValueTask DisposeAsync() => _text.DisposeAsync();

    private void Write(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
            {
                _text.Write(',');
            }

            var text = values[i] switch
            {
                byte[] bytes => Convert.ToBase64String(bytes),
                double number => number.ToString("R", CultureInfo.InvariantCulture),
                var value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
            };
            _text.Write(text.AsSpan().ContainsAny(Special) ? $"\"{text.Replace("\"", "\"\"")}\"" : text);
        }

        _text.WriteLine();
        if (stream.Position > maxBytes)
        {
            throw QueryService.Invalid($"The rows are larger than {maxBytes} bytes: select less.");
        }
    }
}
