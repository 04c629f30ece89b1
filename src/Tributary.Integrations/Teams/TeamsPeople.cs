using System.Collections.Concurrent;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Teams;

/// <summary>Who may read a channel or chat, and by what address its people are known.</summary>
/// <param name="Access">The readers.</param>
/// <param name="Addresses">By user id.</param>
internal sealed record ChannelReaders(DocumentAccess Access, IReadOnlyDictionary<string, string> Addresses)
{
    /// <summary>Where the application may not know who they are.</summary>
    public static ChannelReaders Nobody { get; } =
        new(new DocumentAccess(false, [], []), new Dictionary<string, string>());

    /// <summary>Tells these readers from others in few characters.</summary>
    public string Mark { get; } = GraphMarks.MarkOf([.. Access.Users, "", .. Access.Groups])[..6];
}

/// <summary>The addresses of people who have written something. Channels are read side by side, and share what is known.</summary>
internal sealed class TeamsPeople(ReaderContext context, TeamsConfig config)
{
    private const int MostNamed = 200;
    private const int MostKept = 5_000;
    private readonly ConcurrentDictionary<string, string> _addresses = new(StringComparer.Ordinal);

    /// <summary>A user by id or principal name.</summary>
    public Task<TeamsUser> OneAsync(string name, CancellationToken cancellationToken) =>
        context.Http.GraphAsync(
            config.Root.At($"users/{name}", ("$select", "id,displayName,mail,userPrincipalName")),
            TeamsJson.Default.TeamsUser,
            cancellationToken
        );

    /// <summary>The members; where there are many, a group is named in their place.</summary>
    public async Task<ChannelReaders> ReadersAsync(Uri members, string group, CancellationToken cancellationToken)
    {
        var addresses = new Dictionary<string, string>(StringComparer.Ordinal);
        var users = new SortedSet<string>(StringComparer.Ordinal);
        var found = context.Http.GraphItemsAsync(
            members,
            TeamsJson.Default.GraphCollectionChannelMember,
            cancellationToken
        );
        await foreach (var member in found)
        {
            if (GraphMarks.Normal(member.Email) is { } email)
            {
                users.Add(email);
                addresses[member.UserId ?? email] = email;
            }
        }

        var access =
            users.Count <= MostNamed
                ? new DocumentAccess(false, [.. users], [])
                : new DocumentAccess(false, [], [group]);
        return new ChannelReaders(access, addresses);
    }

    /// <summary>Addresses by user id: those of the members, and of authors who are none (any more).</summary>
    public async Task<IReadOnlyDictionary<string, string>> WithAuthorsAsync(
        IReadOnlyDictionary<string, string> members,
        IEnumerable<ChatMessage> messages,
        CancellationToken cancellationToken
    )
    {
        Dictionary<string, string>? all = null;
        var authors = messages.Select(message => message.From?.User).OfType<ChatIdentity>();
        foreach (var author in authors.Where(author => author.IsOfTheTenant).Select(author => author.Id!).Distinct())
        {
            if (!members.ContainsKey(author) && await AddressOfAsync(author, cancellationToken) is { } address)
            {
                all ??= new Dictionary<string, string>(members, StringComparer.Ordinal);
                all[author] = address;
            }
        }

        return all ?? members;
    }

    private async Task<string?> AddressOfAsync(string id, CancellationToken cancellationToken)
    {
        if (!_addresses.TryGetValue(id, out var address))
        {
            try
            {
                address = (await OneAsync(id, cancellationToken)).Address ?? "";
            }
            catch (SourceException exception) when (GraphFailures.IsNotToBeHad(exception))
            {
                // Guests, users of other tenants, and those who left.
                address = "";
            }

            if (_addresses.Count >= MostKept)
            {
                _addresses.Clear();
            }

            _addresses[id] = address;
        }

        return GraphMarks.Normal(address);
    }
}
