using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Teams;

/// <summary>A channel that is read.</summary>
/// <param name="TeamId">The team that hosts it.</param>
/// <param name="Team">Its name.</param>
/// <param name="Channel">The channel.</param>
internal sealed record TeamChannel(string TeamId, string Team, Channel Channel)
{
    public string Name => Channel.DisplayName ?? Channel.Id;

    public string IdOf(string root) => $"{Channel.Id}:{root}";
}

/// <summary>The teams and channels that are read.</summary>
internal sealed class TeamsChannels(ReaderContext context, TeamsConfig config, string directory, TeamsPeople people)
{
    private const int TeamsPerPage = 999;

    /// <summary>The teams that the config names, or all.</summary>
    /// <exception cref="SourceException">A name is unknown.</exception>
    public async IAsyncEnumerable<Team> TeamsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (config.Teams is not { Count: > 0 } names)
        {
            await foreach (var team in ListedAsync(null, cancellationToken))
            {
                yield return team;
            }

            yield break;
        }

        foreach (var name in names.Select(name => name.Trim()).Distinct())
        {
            var found = await NamedAsync(name, [], cancellationToken);
            foreach (var team in found.Count > 0 ? found : throw Unknown(name))
            {
                yield return team;
            }
        }
    }

    /// <summary>All teams of a name, or the one with an id; where there are none (any more), those that it once meant.</summary>
    public async Task<IReadOnlyList<Team>> NamedAsync(
        string name,
        IReadOnlyList<Guid> earlier,
        CancellationToken cancellationToken
    )
    {
        var found = Guid.TryParse(name, out _)
            ? await OneAsync(name, cancellationToken).ToListAsync(cancellationToken)
            : await ListedAsync(name, cancellationToken)
                .Where(team => string.Equals(team.DisplayName?.Trim(), name, StringComparison.OrdinalIgnoreCase))
                .ToListAsync(cancellationToken);
        foreach (var past in found.Count > 0 ? [] : earlier)
        {
            found.AddRange(await OneAsync($"{past}", cancellationToken).ToListAsync(cancellationToken));
        }

        return found;
    }

    public static SourceException Unknown(string name) =>
        new(
            FailureKind.Configuration,
            $"There is no team '{name}' in this tenant. Give its display name as Teams shows it, or its id."
        )
        {
            Member = "config.teams",
        };

    /// <summary>A team's channels, shared ones of this tenant too.</summary>
    public async Task<IReadOnlyList<TeamChannel>> OfAsync(Team team, CancellationToken cancellationToken)
    {
        var channels = ListedAsync("allChannels").OrElse(() => ListedAsync("channels"), cancellationToken);
        var tenant = team.TenantId ?? (Guid.TryParse(directory, out _) ? directory.Trim() : null);
        return await channels
            .Where(channel =>
                !channel.IsShared
                || channel.TenantId is null
                || tenant is null
                || channel.TenantId.Equals(tenant, StringComparison.OrdinalIgnoreCase)
            )
            .Select(channel => new TeamChannel(channel.HostOf(team), team.Name, channel))
            .ToListAsync(cancellationToken);

        IAsyncEnumerable<Channel> ListedAsync(string what) =>
            context.Http.GraphItemsAsync(
                config.Root.At($"teams/{team.Id}/{what}"),
                TeamsJson.Default.GraphCollectionChannel,
                cancellationToken
            );
    }

    /// <summary>
    /// Who may read a channel: its members, of its team for a standard one, and the indirect members of a shared one. Where
    /// the application may not know them, nobody is named.
    /// </summary>
    public async Task<ChannelReaders> ReadersAsync(TeamChannel channel, CancellationToken cancellationToken)
    {
        try
        {
            return await MembersAsync(channel, cancellationToken);
        }
        catch (SourceException exception) when (GraphFailures.IsNotToBeHad(exception))
        {
            return ChannelReaders.Nobody;
        }
    }

    /// <exception cref="SourceException">The application may not know them.</exception>
    public Task<ChannelReaders> MembersAsync(TeamChannel channel, CancellationToken cancellationToken)
    {
        var address = config.Root.At($"teams/{channel.TeamId}/channels/{channel.Channel.Id}");
        return people.ReadersAsync(
            address.At(channel.Channel.IsShared ? (FormattableString)$"allMembers" : $"members"),
            channel.Channel.MembershipType is null or "standard"
                ? $"teams_{channel.TeamId}"
                : $"teams_{channel.Channel.Id}",
            cancellationToken
        );
    }

    private IAsyncEnumerable<Team> ListedAsync(string? name, CancellationToken cancellationToken) =>
        context.Http.GraphItemsAsync(
            config.Root.At(
                $"teams",
                ("$filter", name is null ? null : $"displayName eq {GraphText.Quoted(name)}"),
                ("$select", "id,displayName,tenantId"),
                ("$top", TeamsPerPage)
            ),
            TeamsJson.Default.GraphCollectionTeam,
            cancellationToken
        );

    private async IAsyncEnumerable<Team> OneAsync(
        string id,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        Team? team = null;
        try
        {
            team = await context.Http.GraphAsync(
                config.Root.At($"teams/{id}"),
                TeamsJson.Default.Team,
                cancellationToken
            );
        }
        catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
        {
            // Told by the caller.
        }

        if (team is not null)
        {
            yield return team;
        }
    }
}
