using System.Globalization;
using System.Text;

namespace Tributary.Extraction.Rtf;

/// <summary>
/// The text of RTF (Rich Text Format specification 1.9.1): paragraphs, table cells set apart by bars, letters of any code
/// page. Groups are counted, not recursed into, and destinations that are not text are passed over.
/// </summary>
internal sealed class RtfReader
{
    private const int MaxGroups = 10_000;

    private static readonly HashSet<string> NotText =
    [
        .. (
            "fonttbl colortbl stylesheet listtable listoverridetable rsidtbl generator xmlnstbl themedata colorschememapping "
            + "latentstyles datastore pict object objdata nonshppict mmathPr fldinst bkmkstart bkmkend ftnsep ftnsepc "
            + "aftnsep aftnsepc pgdsctbl revtbl filetbl userprops docvar template wgrffmtfilter passwordhash protusertbl "
            + "listtext pntext atnid atnref atrfstart atrfend annotation blipuid ffdeftext datafield"
        ).Split(' '),
    ];

    private static readonly Dictionary<string, string> Letters = new()
    {
        ["par"] = "\n\n",
        ["sect"] = "\n\n",
        ["page"] = "\n\n",
        ["line"] = "\n",
        ["tab"] = "\t",
        ["cell"] = " | ",
        ["nestcell"] = " | ",
        ["row"] = "\n",
        ["nestrow"] = "\n",
        ["emdash"] = "—",
        ["endash"] = "–",
        ["lquote"] = "‘",
        ["rquote"] = "’",
        ["ldblquote"] = "“",
        ["rdblquote"] = "”",
        ["bullet"] = "•",
        ["emspace"] = " ",
        ["enspace"] = " ",
    };

    private readonly byte[] _bytes;
    private readonly int _maxCharacters;
    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, StringBuilder> _info = [];
    private readonly List<byte> _pending = [];
    private readonly Dictionary<int, Encoding> _fonts = [];
    private readonly Stack<State> _groups = new();
    private State _state = new(false, null, 1, false, 0);
    private Encoding _ansi = Encoding.GetEncoding(1252);
    private int _font;
    private int _toSkip;
    private int _position;

    // IsSkipped: a destination that is not text. Target: a text of the info group. Fallback: letters after \u.
    private readonly record struct State(bool IsSkipped, string? Target, int Fallback, bool IsDeleted, int Font);

    private RtfReader(byte[] bytes, int maxCharacters)
    {
        _bytes = bytes;
        _maxCharacters = maxCharacters;
    }

    /// <summary>What the document says.</summary>
    /// <param name="Text">Paragraphs with empty lines between.</param>
    /// <param name="Title">From its information group; null when none.</param>
    /// <param name="Author">Likewise.</param>
    public sealed record Result(string Text, string? Title, string? Author);

    public static Result Read(byte[] bytes, int maxCharacters) => new RtfReader(bytes, maxCharacters).Read();

    private Result Read()
    {
        while (_position < _bytes.Length && _text.Length <= _maxCharacters)
        {
            var value = _bytes[_position++];
            switch (value)
            {
                case (byte)'{':
                    Flush();
                    if (_groups.Count >= MaxGroups)
                    {
                        throw new InvalidDataException("its groups are nested too deep");
                    }

                    _groups.Push(_state);
                    break;
                case (byte)'}':
                    Flush();
                    _groups.TryPop(out _state);
                    _font = _state.Font;
                    break;
                case (byte)'\\':
                    ReadControl();
                    break;
                case (byte)'\r' or (byte)'\n' or 0:
                    break;
                default:
                    Put(value);
                    break;
            }
        }

        Flush();
        return new Result(_text.ToString(), InfoOf("title"), InfoOf("author"));
    }

    private string? InfoOf(string name) =>
        _info.TryGetValue(name, out var text) && text.ToString().Trim() is { Length: > 0 } value ? value : null;

    private void ReadControl()
    {
        if (_position >= _bytes.Length)
        {
            return;
        }

        var first = (char)_bytes[_position];
        if (!char.IsAsciiLetter(first))
        {
            _position++;
            ReadSymbol(first);
            return;
        }

        var start = _position;
        while (_position < _bytes.Length && _position - start < 32 && char.IsAsciiLetter((char)_bytes[_position]))
        {
            _position++;
        }

        var word = Encoding.ASCII.GetString(_bytes, start, _position - start);
        int? number = ReadNumber();
        if (_position < _bytes.Length && _bytes[_position] == ' ')
        {
            _position++;
        }

        Handle(word, number);
    }

    private int? ReadNumber()
    {
        var start = _position;
        if (_position < _bytes.Length && _bytes[_position] == '-')
        {
            _position++;
        }

        while (_position < _bytes.Length && _position - start < 11 && char.IsAsciiDigit((char)_bytes[_position]))
        {
            _position++;
        }

        return int.TryParse(_bytes.AsSpan(start, _position - start), CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }

    private void ReadSymbol(char symbol)
    {
        switch (symbol)
        {
            case '\'':
                var hex = _bytes.AsSpan(_position, Math.Min(2, _bytes.Length - _position));
                if (byte.TryParse(Encoding.ASCII.GetString(hex), NumberStyles.HexNumber, null, out var code))
                {
                    _position += 2;
                    Put(code);
                }

                break;
            case '~':
                Append(" ");
                break;
            case '_':
                Append("-");
                break;
            case '*':
                // A destination that readers may not know: those that hold text are not marked so, but for annotations.
                _state = _state with
                {
                    IsSkipped = true,
                };
                break;
            case '\\' or '{' or '}':
                Put((byte)symbol);
                break;
            case '\r' or '\n':
                Append("\n\n");
                break;
        }
    }

    private void Handle(string word, int? number)
    {
        switch (word)
        {
            case "u" when number is { } code:
                Append(((char)(ushort)code).ToString());
                _toSkip = _state.Fallback;
                break;
            case "uc":
                _state = _state with { Fallback = Math.Clamp(number ?? 1, 0, 100) };
                break;
            case "bin":
                _position = (int)Math.Min(_bytes.Length, _position + (long)Math.Max(0, number ?? 0));
                break;
            case "ansicpg" when number is { } page:
                _ansi = CodePagesEncodingProvider.Instance.GetEncoding(page) ?? _ansi;
                break;
            case "mac":
                _ansi = Encoding.GetEncoding(10000);
                break;
            case "f" when number is { } font:
                Flush();
                _font = font;
                _state = _state with { Font = font };
                break;
            case "fcharset" when number is { } charset && CodePageOf(charset) is { } codePage:
                _fonts[_font] = Encoding.GetEncoding(codePage);
                break;
            case "deleted":
                Flush();
                _state = _state with { IsDeleted = number != 0 };
                break;
            case "v":
                Flush();
                _state = _state with { IsDeleted = number != 0 };
                break;
            case "title" or "author" when _groups.Count > 1:
                _state = _state with { Target = word, IsSkipped = false };
                break;
            case "info":
                _state = _state with { IsSkipped = true };
                break;
            default:
                if (NotText.Contains(word))
                {
                    Flush();
                    _state = _state with { IsSkipped = true };
                }
                else if (Letters.TryGetValue(word, out var letters))
                {
                    Append(letters);
                }

                break;
        }
    }

    private void Put(byte value)
    {
        if (_toSkip > 0)
        {
            _toSkip--;
            return;
        }

        _pending.Add(value);
    }

    private void Append(string text)
    {
        Flush();
        Target()?.Append(text);
    }

    private void Flush()
    {
        _toSkip = 0;
        if (_pending.Count == 0)
        {
            return;
        }

        var encoding = _fonts.GetValueOrDefault(_font) ?? _ansi;
        Target()?.Append(encoding.GetString([.. _pending]));
        _pending.Clear();
    }

    private StringBuilder? Target()
    {
        if (_state.Target is { } name)
        {
            return _info.TryGetValue(name, out var text) ? text : _info[name] = new StringBuilder();
        }

        return _state.IsSkipped || _state.IsDeleted ? null : _text;
    }

    private static int? CodePageOf(int charset) =>
        charset switch
        {
            0 => 1252,
            77 => 10000,
            128 => 932,
            129 => 949,
            134 => 936,
            136 => 950,
            161 => 1253,
            162 => 1254,
            177 => 1255,
            178 => 1256,
            186 => 1257,
            204 => 1251,
            222 => 874,
            238 => 1250,
            _ => null,
        };
}
