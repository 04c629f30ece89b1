using System.Text;
using Tributary.Extraction.Text;

namespace Tributary.Extraction.Mail;

/// <summary>Parameters of structured header fields: name=value, name="value", name*=charset'lang'%E2, name*0=, name*1*= (RFC 2231).</summary>
internal static class MimeParameters
{
    private const int MaxPieces = 100;

    public static string? Find(string field, string name)
    {
        var all = Parse(field);
        if (all.TryGetValue(name + "*", out var extended))
        {
            return DecodeExtended(extended);
        }

        if (all.TryGetValue(name, out var plain))
        {
            return EncodedWords.Decode(plain);
        }

        var joined = new StringBuilder();
        var isExtended = false;
        for (var i = 0; i < MaxPieces; i++)
        {
            if (all.TryGetValue($"{name}*{i}*", out var piece))
            {
                isExtended = true;
            }
            else if (!all.TryGetValue($"{name}*{i}", out piece))
            {
                break;
            }

            joined.Append(piece);
        }

        return joined.Length == 0 ? null
            : isExtended ? DecodeExtended(joined.ToString())
            : joined.ToString();
    }

    private static Dictionary<string, string> Parse(string field)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var position = field.IndexOf(';');
        while (position >= 0 && position < field.Length)
        {
            position++;
            var equals = field.IndexOf('=', position);
            if (equals < 0)
            {
                break;
            }

            var name = field[position..equals].Trim();
            var value = ReadValue(field, equals + 1, out position);
            parameters.TryAdd(name, value);
        }

        return parameters;
    }

    private static string ReadValue(string field, int start, out int end)
    {
        while (start < field.Length && char.IsWhiteSpace(field[start]))
        {
            start++;
        }

        if (start >= field.Length || field[start] != '"')
        {
            end = field.IndexOf(';', start);
            return (end < 0 ? field[start..] : field[start..end]).Trim();
        }

        var value = new StringBuilder();
        var i = start + 1;
        for (; i < field.Length && field[i] != '"'; i++)
        {
            if (field[i] == '\\' && i + 1 < field.Length)
            {
                i++;
            }

            value.Append(field[i]);
        }

        end = i < field.Length ? field.IndexOf(';', i) : -1;
        return value.ToString();
    }

    private static string DecodeExtended(string value)
    {
        var first = value.IndexOf('\'');
        var second = first < 0 ? -1 : value.IndexOf('\'', first + 1);
        var charset = second < 0 ? null : value[..first];
        var bytes = new MemoryStream();
        var text = value.AsSpan(second + 1);
        for (var i = 0; i < text.Length; i++)
        {
            if (
                text[i] == '%'
                && i + 2 < text.Length
                && byte.TryParse(text.Slice(i + 1, 2), System.Globalization.NumberStyles.HexNumber, null, out var code)
            )
            {
                bytes.WriteByte(code);
                i += 2;
            }
            else
            {
                bytes.Write(Encoding.UTF8.GetBytes(text[i].ToString()));
            }
        }

        return TextDecoder.Decode(bytes.ToArray(), charset);
    }
}
