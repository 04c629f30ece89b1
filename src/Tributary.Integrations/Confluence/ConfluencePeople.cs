using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Confluence;

/// <summary>What people are called whom pages mention: a body holds their account ids alone.</summary>
internal sealed class ConfluencePeople(ReaderContext context, ConfluenceApi wiki)
{
    private const int MostInLookup = 100;
    private const int MostRemembered = 10_000;

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private bool _mayAsk = wiki.Config.IsCloud;

    /// <summary>Names by account id; people who cannot be looked up have none.</summary>
    public async Task<IReadOnlyDictionary<string, string>> OfAsync(
        IEnumerable<string> accountIds,
        CancellationToken cancellationToken
    )
    {
        if (_names.Count > MostRemembered)
        {
            _names.Clear();
        }

        foreach (var some in accountIds.Distinct().Where(id => !_names.ContainsKey(id)).Chunk(MostInLookup))
        {
            foreach (var user in await AskAsync(some, cancellationToken))
            {
                if (user is { AccountId: { } id, DisplayName.Length: > 0 })
                {
                    _names[id] = user.DisplayName;
                }
            }
        }

        return _names;
    }

    private async Task<IReadOnlyList<User>> AskAsync(string[] accountIds, CancellationToken cancellationToken)
    {
        if (!_mayAsk)
        {
            return [];
        }

        try
        {
            var answer = await context.Http.PostJsonAsync(
                wiki.Root.At($"api/v2/users-bulk"),
                new UserLookup(accountIds),
                ConfluenceJson.Default.UserLookup,
                ConfluenceJson.Default.UserList,
                onlyReads: true,
                cancellationToken
            );
            return answer.Results ?? [];
        }
        catch (SourceException exception)
            when (exception.Status is { } status
                && (int)status is >= 400 and < 500
                && exception.Kind is not FailureKind.Transient
            )
        {
            // The account lacks the right to ask (read:user:confluence); pages are read without names.
            _mayAsk = false;
            return [];
        }
    }
}
