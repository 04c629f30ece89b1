using System.Buffers;
using System.Text.Json;
using Tributary.Api.Http;
using Tributary.Engine.Ingestion;
using Tributary.Sdk.Documents;

namespace Tributary.Api.Clarm.Push;

/// <summary>
/// Stores documents that arrive one a line, in batches: the next one is read while the last one is being stored.
/// A mistake in a line ends it; the documents before it are stored, and sending everything again does no harm.
/// </summary>
internal sealed class LinePush(Exchange exchange, long sourceId)
{
    private const int BatchDocuments = 500;
    private const int BatchBytes = 4 * 1024 * 1024;

    private readonly DocumentReader _reader = new(exchange.Get<TimeProvider>().GetUtcNow(), strict: false);
    private List<Document> _batch = [];
    private long _batchBytes;
    private Task<IReadOnlyList<PushedDocument>>? _storing;
    private long _line;
    private PushAnswer _answer = new(0, 0, 0, 0);

    /// <summary>Reads the request's lines to their end.</summary>
    public async Task<PushAnswer> ReadAsync()
    {
        JsonBody.Limit(exchange.Http, null);
        try
        {
            await ReadLinesAsync();
            await StoreAsync();
        }
        finally
        {
            // Also when a line is wrong: what was handed over before it ends well or says why not.
            await SettleAsync();
        }

        return _answer;
    }

    private async Task ReadLinesAsync()
    {
        var pipe = exchange.Http.Request.BodyReader;
        while (true)
        {
            var result = await pipe.ReadAsync(exchange.Aborted);
            var rest = result.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                await TakeAsync(rest.Slice(0, end));
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            if (rest.Length > JsonBody.MaxBytes)
            {
                throw new RequestException(413, $"Line {_line + 1} is too long: at most {JsonBody.MaxBytes} bytes.");
            }

            if (result.IsCompleted)
            {
                await TakeAsync(rest);
                return;
            }

            pipe.AdvanceTo(rest.Start, rest.End);
        }
    }

    private async ValueTask TakeAsync(ReadOnlySequence<byte> line)
    {
        _line++;
        if (Read(line) is not { } document)
        {
            return;
        }

        _batch.Add(document);
        _batchBytes += line.Length;
        if (_batch.Count >= BatchDocuments || _batchBytes >= BatchBytes)
        {
            await StoreAsync();
        }
    }

    private Document? Read(ReadOnlySequence<byte> line)
    {
        ReadOnlySpan<byte> text = line.IsSingleSegment ? line.FirstSpan : line.ToArray();
        if (text.IndexOfAnyExcept(" \t\r"u8) < 0)
        {
            return null;
        }

        JsonElement json = JsonBody.Parse(text, ["body", _line], allowNul: true);
        return _reader.Read(json, "body", _line) ?? throw new RequestException(_reader.Problems);
    }

    private async Task StoreAsync()
    {
        await SettleAsync();
        if (_batch.Count == 0)
        {
            return;
        }

        _storing = exchange.Get<IPushService>().PushAsync(exchange.Caller, sourceId, _batch, exchange.Aborted);
        _batch = [];
        _batchBytes = 0;
    }

    private async Task SettleAsync()
    {
        if (_storing is not { } storing)
        {
            return;
        }

        _storing = null;
        var pushed = await storing;
        var updated = pushed.Count(document => document.AlreadyExisted);
        _answer = new PushAnswer(
            _answer.Stored + pushed.Count,
            _answer.Added + pushed.Count - updated,
            _answer.Updated + updated,
            _answer.Chunks + pushed.Sum(document => (long)document.Chunks)
        );
    }
}
