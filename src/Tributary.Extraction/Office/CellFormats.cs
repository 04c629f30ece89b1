using System.Buffers;
using System.Globalization;

namespace Tributary.Extraction.Office;

/// <summary>How numbers are shown (ECMA-376 part 1, 18.8): which of them are dates, which are shares of a hundred.</summary>
internal sealed class CellFormats
{
    private enum Kind
    {
        Number,
        Date,
        Percent,
    }

    private static readonly SearchValues<char> Elapsed = SearchValues.Create("hHmMsS");

    private readonly List<Kind> _kinds = [];
    private readonly bool _starts1904;

    private CellFormats(bool starts1904) => _starts1904 = starts1904;

    public static CellFormats Read(OfficePackage package, string? part, bool starts1904)
    {
        var formats = new CellFormats(starts1904);
        var codes = new Dictionary<int, Kind>();
        using var xml = package.OpenXml(part ?? "xl/styles.xml");
        var isInCells = false;
        while (xml?.Read() == true)
        {
            if (xml.Name == "cellXfs")
            {
                isInCells = xml.IsStart && !xml.IsEmpty;
            }
            else if (xml.IsStart && xml.Name == "numFmt" && int.TryParse(xml.Attribute("numFmtId"), out var id))
            {
                codes[id] = KindOf(xml.Attribute("formatCode") ?? "");
            }
            else if (xml.IsStart && xml.Name == "xf" && isInCells)
            {
                var format = int.TryParse(xml.Attribute("numFmtId"), out var number) ? number : 0;
                formats._kinds.Add(codes.TryGetValue(format, out var kind) ? kind : BuiltIn(format));
            }
        }

        return formats;
    }

    /// <summary>A cell's number as people see it; the text itself when it is no number.</summary>
    /// <param name="value">As stored, in the invariant culture.</param>
    /// <param name="style">Index into the cell formats; null when it has none.</param>
    public string Show(string value, string? style)
    {
        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return value;
        }

        var kind =
            int.TryParse(style, out var index) && index >= 0 && index < _kinds.Count ? _kinds[index] : Kind.Number;
        return kind switch
        {
            Kind.Date => ShowDate(number) ?? value,
            Kind.Percent => (number * 100).ToString("G12", CultureInfo.InvariantCulture) + "%",
            // Excel itself shows no more than 15 digits; the file stores 0.1 + 0.2 to the last bit.
            _ => Math.Abs(number) < 1e15
                ? ((decimal)number).ToString("0.###############", CultureInfo.InvariantCulture)
                : value,
        };
    }

    private string? ShowDate(double serial)
    {
        if (serial is < 0 or > 2_958_466)
        {
            return null;
        }

        if (serial < 1)
        {
            return TimeSpan
                .FromSeconds(Math.Round(serial * 86_400))
                .ToString("hh\\:mm\\:ss", CultureInfo.InvariantCulture);
        }

        // Lotus 1-2-3 took 1900 for a leap year, and Excel keeps its day 60, 29 February 1900.
        var days =
            _starts1904 ? serial
            : serial < 60 ? serial + 1
            : serial;
        var start = _starts1904 ? new DateTime(1904, 1, 1) : new DateTime(1899, 12, 30);
        var time = start.AddSeconds(Math.Round(days * 86_400));
        var pattern =
            time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd"
            : time.Second == 0 ? "yyyy-MM-dd HH:mm"
            : "yyyy-MM-dd HH:mm:ss";
        return time.ToString(pattern, CultureInfo.InvariantCulture);
    }

    // 18.8.30: ids with fixed meanings; 27 to 36 and 50 to 58 are dates of East Asia.
    private static Kind BuiltIn(int id) =>
        id switch
        {
            9 or 10 => Kind.Percent,
            >= 14 and <= 22 or >= 27 and <= 36 or >= 45 and <= 47 or >= 50 and <= 58 => Kind.Date,
            _ => Kind.Number,
        };

    // Letters of dates outside of quotes, escapes and brackets; [h] counts hours.
    private static Kind KindOf(string code)
    {
        var kind = Kind.Number;
        for (var i = 0; i < code.Length; i++)
        {
            switch (code[i])
            {
                case '"':
                    i = code.IndexOf('"', i + 1) is > 0 and var quote ? quote : code.Length;
                    break;
                case '\\' or '_' or '*':
                    i++;
                    break;
                case '[':
                    var close = code.IndexOf(']', i);
                    if (close > 0 && code.AsSpan(i + 1, close - i - 1).IndexOfAnyExcept(Elapsed) < 0)
                    {
                        return Kind.Date;
                    }

                    i = close > 0 ? close : code.Length;
                    break;
                case ';':
                    return kind;
                case '%':
                    kind = Kind.Percent;
                    break;
                case 'y' or 'm' or 'd' or 'h' or 's' or 'Y' or 'M' or 'D' or 'H' or 'S':
                    return Kind.Date;
            }
        }

        return kind;
    }
}
