using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Mail;

/// <summary>
/// Goes over a message once, line by line, and notes where its parts lie (RFC 2046); no body is kept in memory. Bodies
/// are decoded when somebody asks for them.
/// </summary>
internal sealed class MimeReader
{
    private const int MaxHeaderBytes = 1 << 20;
    private const int MaxDepth = 50;
    private const int MaxLineBytes = 1 << 16;

    private readonly Stream _source;
    private readonly LineReader _lines;
    private readonly ExtractionLimits _limits;
    private readonly CancellationToken _cancellationToken;
    private readonly List<byte[]> _boundaries = [];
    private int _parts;

    private MimeReader(
        Stream source,
        long start,
        long end,
        ExtractionLimits limits,
        CancellationToken cancellationToken
    )
    {
        _source = source;
        _lines = new LineReader(new StreamWindow(source, start, end - start), start, MaxLineBytes);
        _limits = limits;
        _cancellationToken = cancellationToken;
    }

    /// <summary>The message in a stretch of a file.</summary>
    public static MimePart Read(
        Stream source,
        long start,
        long end,
        ExtractionLimits limits,
        CancellationToken cancellationToken
    )
    {
        var reader = new MimeReader(source, start, end, limits, cancellationToken);
        var part = reader.ReadPart(0, out _);
        return part;
    }

    /// <summary>A part's body, decoded.</summary>
    public static Stream Open(Stream source, MimePart part) =>
        TransferDecoder.Open(
            new StreamWindow(source, part.Start, Math.Max(0, part.End - part.Start)),
            part.Headers.Value("Content-Transfer-Encoding")
        );

    /// <summary>Reads header and body up to a boundary of some multipart around it.</summary>
    /// <param name="depth">Of nesting.</param>
    /// <param name="ended">Which boundary ended it (index), or -1 at the end of the file; and whether that was a closing one.</param>
    private MimePart ReadPart(int depth, out (int Boundary, bool IsClosing) ended)
    {
        if (depth > MaxDepth || ++_parts > _limits.MaxMembers)
        {
            throw new ContentException(
                ContentProblem.TooLarge,
                $"The mail has more than {_limits.MaxMembers:N0} parts, or parts nested deeper than {MaxDepth}."
            );
        }

        var (headers, boundaryInHeader) = ReadHeaders();
        var part = new MimePart { Headers = headers, Start = _lines.Position };
        if (boundaryInHeader is { } early)
        {
            part.End = part.Start;
            ended = early;
            return part;
        }

        var boundary = part.MediaType.StartsWith("multipart/", StringComparison.Ordinal)
            ? headers.Parameter("Content-Type", "boundary")
            : null;
        if (!string.IsNullOrEmpty(boundary))
        {
            ReadMultipart(part, boundary, depth, out ended);
        }
        else if (part.IsMessage && headers.Value("Content-Transfer-Encoding") is null or "7bit" or "8bit" or "binary")
        {
            part.Parts.Add(ReadPart(depth + 1, out ended));
            part.End = part.Parts[0].End;
        }
        else
        {
            ended = SkipBody(part);
        }

        return part;
    }

    private void ReadMultipart(MimePart part, string boundary, int depth, out (int Boundary, bool IsClosing) ended)
    {
        _boundaries.Add([.. "--"u8, .. System.Text.Encoding.UTF8.GetBytes(boundary.TrimEnd())]);
        var own = _boundaries.Count - 1;
        ended = SkipBody(part);
        while (ended.Boundary == own && !ended.IsClosing)
        {
            part.Parts.Add(ReadPart(depth + 1, out ended));
        }

        _boundaries.RemoveAt(own);
        if (ended.Boundary == own)
        {
            // The epilogue, up to a boundary of a multipart around this one.
            ended = SkipBody(new MimePart { Headers = part.Headers });
        }
    }

    // Goes on until a boundary line; the line end before a boundary belongs to it.
    private (int Boundary, bool IsClosing) SkipBody(MimePart part)
    {
        var lineEnd = 0;
        while (_lines.Read(out var line))
        {
            if (Match(line) is { } match)
            {
                part.End = _lines.LineStart - lineEnd;
                return match;
            }

            lineEnd = _lines.LineEndBytes;
        }

        part.End = _lines.Position;
        return (-1, true);
    }

    private (MimeHeaders Headers, (int, bool)? Ended) ReadHeaders()
    {
        using var block = new MemoryStream();
        while (_lines.Read(out var line) && !line.IsEmpty)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (_boundaries.Count > 0 && Match(line) is { } match)
            {
                return (MimeHeaders.Parse(block.GetBuffer().AsSpan(0, (int)block.Length)), match);
            }

            if (block.Length + line.Length > MaxHeaderBytes)
            {
                throw new ContentException(ContentProblem.TooLarge, "The mail has a header of more than a megabyte.");
            }

            block.Write(line);
            block.WriteByte((byte)'\n');
        }

        return (MimeHeaders.Parse(block.GetBuffer().AsSpan(0, (int)block.Length)), null);
    }

    private (int Boundary, bool IsClosing)? Match(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("--"u8))
        {
            return null;
        }

        for (var i = _boundaries.Count - 1; i >= 0; i--)
        {
            if (!line.StartsWith(_boundaries[i]))
            {
                continue;
            }

            var rest = line[_boundaries[i].Length..].TrimEnd(" \t"u8);
            if (rest.IsEmpty || rest.SequenceEqual("--"u8))
            {
                return (i, !rest.IsEmpty);
            }
        }

        return null;
    }
}
