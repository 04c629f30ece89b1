using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Tributary.Bench;

/// <summary>Pushes documents over HTTP, several requests at once.</summary>
internal static class Pusher
{
    /// <summary>Pushes prepared bodies.</summary>
    /// <returns>How long it took until all were durable and searchable.</returns>
    public static async Task<TimeSpan> PushAsync(
        HttpClient http,
        string path,
        IReadOnlyList<byte[]> bodies,
        int inFlight,
        CancellationToken stop = default
    )
    {
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            bodies,
            new ParallelOptions { MaxDegreeOfParallelism = inFlight, CancellationToken = stop },
            async (body, cancellationToken) =>
            {
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                using var response = await http.PostAsync(path, content, cancellationToken);
                if (!response.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException(
                        $"{path}: {await response.Content.ReadAsStringAsync(cancellationToken)}"
                    );
                }
            }
        );
        return watch.Elapsed;
    }

    /// <summary>Bodies of POST /v1/sources/{id}/documents.</summary>
    public static List<byte[]> Batches(IEnumerable<Text> documents, int size) =>
        [
            .. documents
                .Chunk(size)
                .Select(batch => JsonSerializer.SerializeToUtf8Bytes(new { documents = batch.Select(Shape) })),
        ];

    /// <summary>Bodies of POST /onyx-api/ingestion.</summary>
    public static List<byte[]> Singles(IEnumerable<Text> documents, long source) =>
        [
            .. documents.Select(document =>
                JsonSerializer.SerializeToUtf8Bytes(new { document = Shape(document), cc_pair_id = source })
            ),
        ];

    /// <summary>A document as the API and script servers write it.</summary>
    public static object Shape(Text document) =>
        new
        {
            id = document.Id,
            semantic_identifier = document.Title,
            sections = new[] { new { text = document.Body, link = $"https://example.com/{document.Id}" } },
            metadata = new { },
            doc_updated_at = "2025-01-15T08:30:00Z",
        };
}
