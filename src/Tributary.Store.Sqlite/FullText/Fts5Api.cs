using System.Runtime.InteropServices;
using SQLitePCL;

namespace Tributary.Store.Sqlite.FullText;

/// <summary>FTS5's own C interface (https://www.sqlite.org/fts5.html#extending_fts5), as far as it is used here.</summary>
internal static unsafe partial class Fts5Api
{
    private const string Library = "e_sqlite3";

    /// <summary>The interface of a connection.</summary>
    public static Entry* Of(sqlite3 connection)
    {
        Entry* api = null;
        var database = connection.DangerousGetHandle();
        nint statement;
        fixed (byte* sql = "SELECT fts5(?1)\0"u8)
        {
            Check(Prepare(database, sql, -1, &statement, null));
        }

        // The type's name must stay where it is: a literal does.
        fixed (byte* type = "fts5_api_ptr\0"u8)
        {
            Check(BindPointer(statement, 1, &api, type, null));
            var hasAnswered = Step(statement) == raw.SQLITE_ROW;
            Check(Finalize(statement));
            api = hasAnswered ? api : null;
        }

        return api is not null && api->Version >= 2
            ? api
            : throw new InvalidOperationException("This SQLite has no full-text search (FTS5).");
    }

    public static void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw new SqliteStoreException(result, "FTS5 refused", "fts5");
        }
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_result_double")]
    public static partial void Answer(nint context, double value);

    [LibraryImport(Library, EntryPoint = "sqlite3_result_error_code")]
    public static partial void Refuse(nint context, int code);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_double")]
    public static partial double Value(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v2")]
    private static partial int Prepare(nint database, byte* sql, int length, nint* statement, byte** tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_pointer")]
    private static partial int BindPointer(nint statement, int parameter, void* value, byte* type, void* destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    private static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    private static partial int Finalize(nint statement);

    /// <summary>fts5_api.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Entry
    {
        public int Version;
        private readonly void* _createTokenizer;
        public delegate* unmanaged[Cdecl]<Entry*, byte*, void**, Tokenizer*, int> FindTokenizer;
        public delegate* unmanaged[Cdecl]<
            Entry*,
            byte*,
            nint,
            delegate* unmanaged[Cdecl]<Extension*, nint, nint, int, nint*, void>,
            void*,
            int> CreateFunction;
    }

    /// <summary>fts5_tokenizer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Tokenizer
    {
        public delegate* unmanaged[Cdecl]<void*, byte**, int, nint*, int> Create;
        public delegate* unmanaged[Cdecl]<nint, void> Delete;
        public delegate* unmanaged[Cdecl]<
            nint,
            nint,
            int,
            byte*,
            int,
            delegate* unmanaged[Cdecl]<nint, int, byte*, int, int, int, int>,
            int> Tokenize;
    }

    /// <summary>Fts5ExtensionApi: what a function may ask of the query and row that it is called for.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Extension
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<nint, nint> UserData;
        private readonly void* _columnCount;
        public delegate* unmanaged[Cdecl]<nint, long*, int> RowCount;
        public delegate* unmanaged[Cdecl]<nint, int, long*, int> ColumnTotalSize;
        private readonly void* _tokenize;
        public delegate* unmanaged[Cdecl]<nint, int> PhraseCount;
        public delegate* unmanaged[Cdecl]<nint, int, int> PhraseSize;
        private readonly void* _instanceCount;
        private readonly void* _instance;
        private readonly void* _rowid;
        private readonly void* _columnText;
        public delegate* unmanaged[Cdecl]<nint, int, int*, int> ColumnSize;
        public delegate* unmanaged[Cdecl]<
            nint,
            int,
            void*,
            delegate* unmanaged[Cdecl]<Extension*, nint, void*, int>,
            int> QueryPhrase;
        public delegate* unmanaged[Cdecl]<nint, void*, delegate* unmanaged[Cdecl]<void*, void>, int> SetAuxiliary;
        public delegate* unmanaged[Cdecl]<nint, int, void*> GetAuxiliary;
        public delegate* unmanaged[Cdecl]<nint, int, PhraseIterator*, int*, int*, int> PhraseFirst;
        public delegate* unmanaged[Cdecl]<nint, PhraseIterator*, int*, int*, void> PhraseNext;
        private readonly void* _phraseFirstColumn;
        private readonly void* _phraseNextColumn;

        /// <summary>From version 3 on.</summary>
        public delegate* unmanaged[Cdecl]<nint, int, int, byte**, int*, int> QueryToken;
    }

    /// <summary>Fts5PhraseIter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PhraseIterator
    {
        private readonly byte* _position;
        private readonly byte* _end;
    }
}
