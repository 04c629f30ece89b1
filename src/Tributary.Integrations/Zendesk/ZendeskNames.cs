using System.Text.Json.Serialization.Metadata;
using Tributary.Sdk;
using Tributary.Sdk.Paging;

namespace Tributary.Integrations.Zendesk;

/// <summary>The names behind ids, of a short list that is read whole when the first of them is asked for.</summary>
/// <param name="http">The source.</param>
/// <param name="page">The address of the page after a cursor.</param>
/// <param name="type">What is answered.</param>
/// <param name="names">The ids and names of an answer.</param>
internal sealed class ZendeskNames<TId, TAnswer>(
    HttpClient http,
    Func<string?, Uri> page,
    JsonTypeInfo<TAnswer> type,
    Func<TAnswer, IEnumerable<(TId, string?)>> names
)
    where TId : notnull
    where TAnswer : ZendeskPage
{
    private Dictionary<TId, string?>? _all;

    public async Task<string?> FindAsync(TId id, CancellationToken cancellationToken)
    {
        _all ??= await ReadAsync(cancellationToken);
        return _all.GetValueOrDefault(id);
    }

    private async Task<Dictionary<TId, string?>> ReadAsync(CancellationToken cancellationToken)
    {
        var all = new Dictionary<TId, string?>();
        var pages = http.PagesByCursorAsync(page, type, answer => answer.Next, null, cancellationToken);
        try
        {
            await foreach (var answer in pages)
            {
                foreach (var (id, name) in names(answer.Body))
                {
                    all[id] = name;
                }
            }
        }
        catch (SourceException exception) when (ZendeskReader.IsRefused(exception))
        {
            // The plan has no such list, or the token may not see it: documents are read without these names.
        }

        return all;
    }
}
