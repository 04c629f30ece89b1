using Tributary.Integrations.Google;
using Tributary.Sdk;

namespace Tributary.Integrations.GoogleDrive;

/// <summary>One log of changes: a user's or a shared drive's.</summary>
/// <param name="Key">Its key among the partitions.</param>
/// <param name="User">The user of the domain to act as; null for the credentials' own.</param>
/// <param name="Email">Whose My Drive it is.</param>
internal sealed record DriveTarget(string Key, string? User, string? Email)
{
    /// <summary>The shared drive; null for a user.</summary>
    public string? DriveId { get; init; }

    /// <summary>The user's own files are read.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Files that others shared with the user are read.</summary>
    public bool IsShared { get; init; }

    /// <summary>Files of people in the user's domain are read from their own My Drives.</summary>
    public bool IsForeignOnly { get; init; }

    public bool Has(DriveFile file) =>
        DriveId is not null ? file.DriveId is null || file.DriveId == DriveId
        : file.DriveId is not null ? false
        : file.IsOwnedBy(Email) ? IsOwn
        : IsShared && !(IsForeignOnly && IsOfDomain(file));

    private bool IsOfDomain(DriveFile file) =>
        Email?.Split('@').Last() is { } domain
        && (file.Owners ?? []).Any(owner =>
            owner.EmailAddress?.EndsWith("@" + domain, StringComparison.OrdinalIgnoreCase) == true
        );
}

/// <summary>A folder to walk.</summary>
internal sealed record DriveFolder(string Id, string? DriveId, string? User);

/// <summary>All that a connector reads: logs of changes, and folders that were named by a link.</summary>
internal sealed class DriveScope
{
    private const int MostCandidates = 50;

    private readonly DriveApi _api;
    private readonly GoogleDriveConfig _config;
    private readonly GoogleCredentials _credentials;

    private DriveScope(DriveApi api, GoogleDriveConfig config, GoogleCredentials credentials)
    {
        _api = api;
        _config = config;
        _credentials = credentials;
    }

    /// <summary>The credentials' own address, or the administrator's.</summary>
    public string? Email { get; private set; }

    /// <summary>The user to act as where there is no better one; null acts as the credentials' own.</summary>
    public string? User { get; private set; }

    public bool Delegates => User is not null;

    public SortedDictionary<string, DriveTarget> Targets { get; } = new(StringComparer.Ordinal);

    public List<DriveFolder> Folders { get; } = [];

    public static async Task<DriveScope> OpenAsync(
        DriveApi api,
        GoogleDriveConfig config,
        GoogleCredentials credentials,
        CancellationToken cancellationToken
    )
    {
        var scope = new DriveScope(api, config, credentials);
        await scope.SignInAsync(cancellationToken);
        if (config.IsNamed)
        {
            await scope.AddNamedAsync(cancellationToken);
        }
        else
        {
            await scope.AddChosenAsync(cancellationToken);
        }

        return scope;
    }

    private async Task SignInAsync(CancellationToken cancellationToken)
    {
        if (_credentials.Delegates)
        {
            try
            {
                User = _credentials.Admin;
                Email = await _api.EmailAsync(User, cancellationToken) ?? User;
                return;
            }
            catch (SourceException exception)
                when (exception is { Kind: FailureKind.Credentials, Status: null }
                    && _config.IsNamed
                    && _config.Owners.Count == 0
                )
            {
                // Without domain-wide delegation a service account reads what was shared with itself.
                User = null;
            }
        }

        Email = await _api.EmailAsync(null, cancellationToken);
    }

    private async Task AddNamedAsync(CancellationToken cancellationToken)
    {
        foreach (var link in _config.Drives)
        {
            Folders.Add(
                await DriveAsync(link.Id, cancellationToken)
                    ?? await FolderAsync(link.Id, cancellationToken)
                    ?? throw Unknown("shared drive", link.Typed, "config.shared_drive_urls")
            );
        }

        foreach (var link in _config.Folders)
        {
            Folders.Add(
                await FolderAsync(link.Id, cancellationToken)
                    ?? await DriveAsync(link.Id, cancellationToken)
                    ?? throw Unknown("folder", link.Typed, "config.shared_folder_urls")
            );
        }

        foreach (var owner in _config.Owners)
        {
            if (!Delegates && !string.Equals(owner, Email, StringComparison.OrdinalIgnoreCase))
            {
                throw new SourceException(
                    FailureKind.Configuration,
                    $"The My Drive of {owner} can only be read by a service account with domain-wide delegation that acts for an administrator (google_primary_admin); these credentials are those of {Email}."
                )
                {
                    Member = "config.my_drive_emails",
                };
            }

            Add(new DriveTarget($"user:{owner}", Delegates ? owner : null, owner) { IsOwn = true });
        }
    }

    private async Task AddChosenAsync(CancellationToken cancellationToken)
    {
        if (_config.IncludeSharedDrives)
        {
            await foreach (var drive in _api.DrivesAsync(User, Delegates, cancellationToken))
            {
                if (drive.Id is { Length: > 0 } id)
                {
                    Add(new DriveTarget($"drive:{id}", User, Email) { DriveId = id });
                }
            }
        }

        if (!_config.IncludeMyDrives && !_config.IncludeFilesSharedWithMe)
        {
            return;
        }

        if (!Delegates)
        {
            Add(PersonOf(null, Email));
            return;
        }

        var users = _config.Users.Count > 0 ? _config.Users.ToAsyncEnumerable() : UsersAsync(cancellationToken);
        await foreach (var user in users.WithCancellation(cancellationToken))
        {
            Add(PersonOf(user, user));
        }
    }

    private DriveTarget PersonOf(string? user, string? email) =>
        new($"user:{email}", user, email)
        {
            IsOwn = _config.IncludeMyDrives,
            IsShared = _config.IncludeFilesSharedWithMe,
            IsForeignOnly = Delegates && _config.IncludeMyDrives,
        };

    private void Add(DriveTarget target) => Targets[target.Key] = target;

    private IAsyncEnumerable<string> UsersAsync(CancellationToken cancellationToken) =>
        _api.Google.UsersAsync(_api.Services.Directory, User!, cancellationToken);

    /// <summary>A shared drive, as somebody who may read it: an administrator need not be a member.</summary>
    private async Task<DriveFolder?> DriveAsync(string id, CancellationToken cancellationToken)
    {
        if (await _api.FindDriveAsync(id, User, false, cancellationToken) is not null)
        {
            return new DriveFolder(id, id, User);
        }

        return Delegates && await _api.FindDriveAsync(id, User, true, cancellationToken) is not null
            ? new DriveFolder(id, id, await MemberOfAsync(id, cancellationToken))
            : null;
    }

    /// <summary>Whom to act as in a shared drive.</summary>
    public async Task<string?> MemberOfAsync(string driveId, CancellationToken cancellationToken)
    {
        if (!Delegates || await _api.FindDriveAsync(driveId, User, false, cancellationToken) is not null)
        {
            return User;
        }

        var members = await _api.PermissionsAsync(driveId, User, asAdmin: true, cancellationToken) ?? [];
        return members
                .Where(member => member is { Type: "user", Deleted: false, EmailAddress: not null })
                .OrderByDescending(member => member.Role is "organizer")
                .FirstOrDefault()
                ?.EmailAddress
            ?? User;
    }

    private async Task<DriveFolder?> FolderAsync(string id, CancellationToken cancellationToken)
    {
        var found = await FolderAsAsync(id, User, cancellationToken);
        if (found is not null || !Delegates)
        {
            return found;
        }

        var candidates = _config
            .Users.Concat(_config.Owners)
            .ToAsyncEnumerable()
            .Concat(_config.Users.Count > 0 ? AsyncEnumerable.Empty<string>() : UsersAsync(cancellationToken))
            .Take(MostCandidates);
        await foreach (var user in candidates.WithCancellation(cancellationToken))
        {
            if (await FolderAsAsync(id, user, cancellationToken) is { } folder)
            {
                return folder;
            }
        }

        return null;
    }

    private async Task<DriveFolder?> FolderAsAsync(string id, string? user, CancellationToken cancellationToken) =>
        await _api.FindAsync(id, user, cancellationToken) is { IsFolder: true, Trashed: false } file
            ? new DriveFolder(id, file.DriveId, user)
            : null;

    private SourceException Unknown(string what, string typed, string member) =>
        new(
            FailureKind.Configuration,
            $"There is no {what} at {typed} that {Email ?? "these credentials"} may see. Check the link, and share it with that address."
        )
        {
            Member = member,
        };
}
