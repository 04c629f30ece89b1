using System.Net;
using System.Runtime.CompilerServices;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.Outlook;

/// <summary>A mailbox of the tenant.</summary>
/// <param name="Id">The user's object id.</param>
/// <param name="Addresses">In lower case; the first is the one that people know.</param>
internal sealed record OutlookMailbox(string Id, IReadOnlyList<string> Addresses)
{
    public string Address => Addresses[0];

    public bool Has(string address) => Addresses.Contains(address, StringComparer.Ordinal);

    public static OutlookMailbox? Of(OutlookUser user)
    {
        var addresses = new[] { user.Mail, user.UserPrincipalName }
            .Select(GraphMarks.Normal)
            .OfType<string>()
            .Distinct()
            .ToList();
        return addresses.Count == 0 ? null : new OutlookMailbox(user.Id, addresses);
    }
}

/// <summary>Which mailboxes are read, and which of them open.</summary>
internal sealed class OutlookDirectory(ReaderContext context, OutlookConfig config)
{
    private const int MostKept = 20_000;
    private const string UserFields = "id,mail,userPrincipalName,displayName,accountEnabled";

    private readonly Uri _root = config.Root;
    private readonly Dictionary<string, SourceException?> _doors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutlookMailbox?> _byAddress = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutlookMailbox> _named = new(StringComparer.Ordinal);

    /// <summary>Looks up what the config names; the whole tenant is looked up as it is met.</summary>
    public static async Task<OutlookDirectory> OpenAsync(
        ReaderContext context,
        OutlookConfig config,
        CancellationToken cancellationToken
    )
    {
        var directory = new OutlookDirectory(context, config);
        foreach (var name in (config.Mailboxes ?? []).Where(name => !string.IsNullOrWhiteSpace(name)))
        {
            directory.Name(await directory.NamedAsync(name.Trim(), cancellationToken));
        }

        foreach (var name in (config.MailboxGroups ?? []).Where(name => !string.IsNullOrWhiteSpace(name)))
        {
            var group = await directory.GroupAsync(name.Trim(), cancellationToken);
            await foreach (var user in directory.MembersAsync(group.Id, cancellationToken))
            {
                directory.Name(OutlookMailbox.Of(user));
            }
        }

        return directory;
    }

    /// <summary>The mailboxes to read, in pages.</summary>
    public async IAsyncEnumerable<IReadOnlyList<OutlookMailbox>> PagesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!config.IsWholeTenant)
        {
            yield return [.. _named.Values];
            yield break;
        }

        var pages = context.Http.GraphPagesAsync(
            _root.At($"users", ("$filter", "accountEnabled eq true"), ("$select", UserFields), ("$top", 999)),
            OutlookJson.Default.GraphCollectionOutlookUser,
            null,
            cancellationToken
        );
        await foreach (var page in pages)
        {
            yield return
            [
                .. page
                    .Body.Items.Where(user => !string.IsNullOrWhiteSpace(user.Mail))
                    .Select(OutlookMailbox.Of)
                    .OfType<OutlookMailbox>(),
            ];
        }
    }

    /// <summary>The mailbox with an address, when it is one that is read and opens.</summary>
    public async Task<OutlookMailbox?> FindAsync(string address, CancellationToken cancellationToken)
    {
        if (!_byAddress.TryGetValue(address, out var mailbox))
        {
            if (config.IsWholeTenant)
            {
                mailbox = await OfAddressAsync(address, cancellationToken);
            }

            Keep(_byAddress, address, mailbox);
        }

        return
            mailbox is not null
            && await ClosedAsync(mailbox, cancellationToken) is null or { Status: HttpStatusCode.Locked }
            ? mailbox
            : null;
    }

    /// <summary>Why a mailbox cannot be opened: out of the application's scope (403), none (404), locked (423); null when it can.</summary>
    public async Task<SourceException?> ClosedAsync(OutlookMailbox mailbox, CancellationToken cancellationToken)
    {
        if (_doors.TryGetValue(mailbox.Id, out var closed))
        {
            return closed;
        }

        try
        {
            await context.Http.GraphAsync(
                _root.At($"users/{mailbox.Id}/mailFolders/inbox", ("$select", "id,displayName")),
                OutlookJson.Default.MailFolder,
                cancellationToken
            );
        }
        catch (SourceException exception) when (GraphFailures.ConcernsOne(exception))
        {
            var (kind, reason) = exception.Status switch
            {
                HttpStatusCode.Forbidden => (
                    FailureKind.Credentials,
                    "may not be opened by this application. Grant Mail.Read as an application permission with admin consent, and add the mailbox to the application's scope in Exchange Online"
                ),
                not HttpStatusCode.Locked => (
                    FailureKind.Configuration,
                    "is no mailbox in Exchange Online: it has no licence, or is on premises"
                ),
                _ => (FailureKind.Transient, "is locked at the moment"),
            };
            closed = new SourceException(kind, $"The mailbox {mailbox.Address} {reason}.", exception)
            {
                Status = exception.Status,
                Member = config.IsWholeTenant ? null : "config.mailboxes",
            };
        }

        Keep(_doors, mailbox.Id, closed);
        return closed;
    }

    private async Task<OutlookMailbox> NamedAsync(string name, CancellationToken cancellationToken)
    {
        var found = await GraphFailures.AllowedAsync(() => OfNameAsync(name, cancellationToken), "User.Read.All");
        return found
            ?? throw new SourceException(
                FailureKind.Configuration,
                $"There is no mailbox '{name}' in this tenant. Give its address or the user's object id."
            )
            {
                Member = "config.mailboxes",
            };
    }

    private async Task<OutlookMailbox?> OfNameAsync(string name, CancellationToken cancellationToken)
    {
        // A principal name that begins with a dollar sign cannot be a part of the path.
        if (!name.StartsWith('$'))
        {
            try
            {
                return OutlookMailbox.Of(
                    await context.Http.GraphAsync(
                        _root.At($"users/{name}", ("$select", UserFields)),
                        OutlookJson.Default.OutlookUser,
                        cancellationToken
                    )
                );
            }
            catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
            {
                // An address that is no principal name.
            }
        }

        return await OfAddressAsync(name, cancellationToken);
    }

    private async Task<OutlookMailbox?> OfAddressAsync(string address, CancellationToken cancellationToken)
    {
        var users = context.Http.GraphItemsAsync(
            _root.At($"users", ("$filter", $"mail eq {GraphText.Quoted(address)}"), ("$select", UserFields)),
            OutlookJson.Default.GraphCollectionOutlookUser,
            cancellationToken
        );
        await foreach (var user in users)
        {
            // A server that takes no notice of the filter names others first.
            if (OutlookMailbox.Of(user) is { } mailbox && mailbox.Has(GraphMarks.Normal(address)!))
            {
                // Of the whole tenant only those are read who can sign in.
                return config.IsWholeTenant && user.AccountEnabled == false ? null : mailbox;
            }
        }

        return null;
    }

    private async Task<OutlookGroup> GroupAsync(string name, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(name, out var id))
        {
            try
            {
                return await GraphFailures.AllowedAsync(
                    () =>
                        context.Http.GraphAsync(
                            _root.At($"groups/{id}", ("$select", "id,displayName")),
                            OutlookJson.Default.OutlookGroup,
                            cancellationToken
                        ),
                    "GroupMember.Read.All"
                );
            }
            catch (SourceException exception) when (exception.Status is HttpStatusCode.NotFound)
            {
                throw NoGroup(name);
            }
        }

        return await GraphFailures.AllowedAsync(
            async () =>
            {
                var groups = context.Http.GraphItemsAsync(
                    _root.At(
                        $"groups",
                        ("$filter", $"displayName eq {GraphText.Quoted(name)}"),
                        ("$select", "id,displayName")
                    ),
                    OutlookJson.Default.GraphCollectionOutlookGroup,
                    cancellationToken
                );
                return await groups.FirstOrDefaultAsync(cancellationToken) ?? throw NoGroup(name);
            },
            "GroupMember.Read.All"
        );
    }

    /// <summary>The members at any depth: the users among them, or all where users cannot be asked for alone.</summary>
    private IAsyncEnumerable<OutlookUser> MembersAsync(string group, CancellationToken cancellationToken)
    {
        var users = _root.At(
            $"groups/{group}/transitiveMembers/microsoft.graph.user",
            ("$select", UserFields),
            ("$top", 999)
        );
        var all = _root.At($"groups/{group}/transitiveMembers", ("$top", 999));
        return ListedAsync(users).OrElse(() => ListedAsync(all), cancellationToken).Where(user => user.IsUser);

        IAsyncEnumerable<OutlookUser> ListedAsync(Uri address) =>
            context.Http.GraphItemsAsync(address, OutlookJson.Default.GraphCollectionOutlookUser, cancellationToken);
    }

    private static SourceException NoGroup(string name) =>
        new(
            FailureKind.Configuration,
            $"There is no group '{name}' in this tenant. Give its display name or object id as the Entra admin center shows it."
        )
        {
            Member = "config.mailbox_groups",
        };

    private void Name(OutlookMailbox? mailbox)
    {
        if (mailbox is not null && _named.TryAdd(mailbox.Id, mailbox))
        {
            foreach (var address in mailbox.Addresses)
            {
                _byAddress[address] = mailbox;
            }
        }
    }

    /// <summary>The whole tenant's mail names more people than need to be remembered.</summary>
    private void Keep<T>(Dictionary<string, T> kept, string key, T value)
    {
        if (config.IsWholeTenant && kept.Count >= MostKept)
        {
            kept.Clear();
        }

        kept[key] = value;
    }
}
