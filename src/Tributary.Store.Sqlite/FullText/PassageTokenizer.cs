using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Tributary.Store.Sqlite.FullText;

/// <summary>The index's own tokenizer, for texts outside the index. Used by one thread at a time, as its connection is.</summary>
internal sealed unsafe class PassageTokenizer : IDisposable
{
    private const int ForDocument = 4; // FTS5_TOKENIZE_DOCUMENT
    private readonly Fts5Api.Tokenizer _tokenizer;
    private readonly nint _instance;
    private readonly GCHandle _self;
    private readonly List<Token> _tokens = [];

    public PassageTokenizer(Fts5Api.Entry* api)
    {
        void* data;
        Fts5Api.Tokenizer tokenizer;
        nint instance;
        fixed (
            byte* name = "porter\0"u8,
                inner = "unicode61\0"u8,
                option = "remove_diacritics\0"u8,
                value = "2\0"u8
        )
        {
            Fts5Api.Check(api->FindTokenizer(api, name, &data, &tokenizer));
            var arguments = stackalloc byte*[] { inner, option, value };
            Fts5Api.Check(tokenizer.Create(data, arguments, 3, &instance));
        }

        _tokenizer = tokenizer;
        _instance = instance;
        _self = GCHandle.Alloc(this);
    }

    /// <summary>The words of a text, as the index has them.</summary>
    /// <param name="utf8">The text.</param>
    /// <returns>In order; valid until the next call.</returns>
    public IReadOnlyList<Token> Tokenize(ReadOnlySpan<byte> utf8)
    {
        _tokens.Clear();
        fixed (byte* text = utf8)
        {
            Fts5Api.Check(
                _tokenizer.Tokenize(_instance, GCHandle.ToIntPtr(_self), ForDocument, text, utf8.Length, &Take)
            );
        }

        return _tokens;
    }

    /// <summary>To be called before the connection is closed.</summary>
    public void Dispose()
    {
        _tokenizer.Delete(_instance);
        _self.Free();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Take(nint self, int flags, byte* token, int length, int start, int end)
    {
        var tokenizer = (PassageTokenizer)GCHandle.FromIntPtr(self).Target!;
        tokenizer._tokens.Add(new Token(Encoding.UTF8.GetString(token, length), start, end));
        return 0;
    }
}

/// <summary>A word of a text.</summary>
/// <param name="Stem">What the index keeps of it.</param>
/// <param name="Start">Where it begins, in bytes.</param>
/// <param name="End">Where it ends, in bytes.</param>
internal readonly record struct Token(string Stem, int Start, int End);
