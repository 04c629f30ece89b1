using Tributary.Sdk;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.Slack;

/// <summary>
/// Names and addresses of people and groups. The directory is asked for once, when the first name is needed; whoever is
/// not in it (guests of other workspaces) is asked for one by one. Memory is bounded.
/// </summary>
internal sealed class SlackPeople(SlackApi api, IReadOnlyList<string?> teams)
{
    private const int MostPeople = 20_000;
    private const int PageSize = 200;

    private readonly Dictionary<string, Owner> _people = new(StringComparer.Ordinal);
    private Dictionary<string, string>? _groups;
    private bool _isLoaded;

    /// <summary>Somebody by id; the id itself where Slack does not know it any more.</summary>
    public async Task<Owner> FindAsync(string id, CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        if (_people.TryGetValue(id, out var person))
        {
            return person;
        }

        person = new Owner(id);
        try
        {
            var answer = await api.GetAsync(
                "users.info",
                SlackJson.Default.UserAnswer,
                cancellationToken,
                ("user", id)
            );
            person = answer.User is { } user ? OwnerOf(user) : person;
        }
        catch (SourceException exception)
            when (SlackApi.ErrorOf(exception) is "user_not_found" or "users_not_found" or "user_not_visible")
        {
            // Someone of another workspace who has left.
        }

        if (_people.Count >= MostPeople)
        {
            _people.Clear();
        }

        return _people[id] = person;
    }

    /// <summary>A group's handle; null where it is unknown or the token may not ask.</summary>
    public async Task<string?> GroupAsync(string id, CancellationToken cancellationToken)
    {
        if (_groups is null)
        {
            var groups = new Dictionary<string, string>(StringComparer.Ordinal);
            try
            {
                foreach (var team in teams)
                {
                    var answer = await api.GetAsync(
                        "usergroups.list",
                        SlackJson.Default.GroupsAnswer,
                        cancellationToken,
                        ("team_id", team)
                    );
                    foreach (var group in (answer.Usergroups ?? []).Where(group => group?.Id is not null))
                    {
                        groups[group.Id] = group.Handle ?? group.Name ?? group.Id;
                    }
                }
            }
            catch (SourceException exception) when (SlackApi.ErrorOf(exception) is not null)
            {
                // The scope usergroups:read is a nicety.
            }

            _groups = groups;
        }

        return _groups.GetValueOrDefault(id);
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_isLoaded)
        {
            return;
        }

        foreach (var team in teams)
        {
            var pages = api.PagesAsync(
                "users.list",
                SlackJson.Default.UsersAnswer,
                cancellationToken,
                ("limit", PageSize),
                ("team_id", team)
            );
            await foreach (var page in pages)
            {
                foreach (var user in (page.Body.Members ?? []).Where(user => user?.Id is not null))
                {
                    _people[user.Id] = OwnerOf(user);
                }

                if (_people.Count >= MostPeople)
                {
                    break;
                }
            }
        }

        _isLoaded = true;
    }

    private static Owner OwnerOf(SlackUser user) => new(user.ShownName, user.Profile?.Email);
}
