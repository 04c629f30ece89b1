using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Sdk.Documents;

namespace Tributary.Integrations.MicrosoftGraph;

internal sealed record FileFacet(string? MimeType);

internal sealed record UniqueIds(string? ListItemUniqueId);

internal sealed record ItemParent(string? Path, string? DriveId);

internal sealed record Identity(
    string? DisplayName,
    string? Email,
    string? UserPrincipalName,
    string? Id,
    string? LoginName
);

internal sealed record IdentitySet(Identity? User, Identity? Group, Identity? SiteUser, Identity? SiteGroup)
{
    /// <summary>The person, as an owner; none where it is an application.</summary>
    [JsonIgnore]
    public IReadOnlyList<Owner> Owners =>
        User is { } user && (user.DisplayName ?? user.Email ?? user.UserPrincipalName) is { Length: > 0 }
            ? [new Owner(user.DisplayName, GraphMarks.Normal(user.Email ?? user.UserPrincipalName))]
            : [];
}

/// <summary>A file or a folder of a library.</summary>
internal sealed record DriveItem(
    string Id,
    string? Name,
    string? WebUrl,
    long? Size,
    FileFacet? File,
    JsonElement? Folder,
    JsonElement? Package,
    JsonElement? Deleted,
    JsonElement? Malware,
    DateTimeOffset? CreatedDateTime,
    DateTimeOffset? LastModifiedDateTime,
    IdentitySet? CreatedBy,
    IdentitySet? LastModifiedBy,
    ItemParent? ParentReference,
    UniqueIds? SharepointIds
)
{
    /// <summary>What of it is asked for.</summary>
    public const string Fields =
        "id,name,webUrl,size,file,folder,package,deleted,malware,createdDateTime,lastModifiedDateTime,createdBy,lastModifiedBy,parentReference,sharepointIds";

    private const int IdLength = 34;

    public bool IsDeleted => Deleted is not null;

    public bool IsReadable =>
        File is not null
        && Folder is null
        && Package is null
        && Malware is null
        && Size is not 0
        && !(Name ?? "").EndsWith(".aspx", StringComparison.OrdinalIgnoreCase);

    /// <summary>The file's unique id, which is also in the item's own: tombstones have nothing else.</summary>
    public string DocumentId =>
        Guid.TryParse(SharepointIds?.ListItemUniqueId, out var given) ? given.ToString("D")
        : Embedded() is { } found ? found.ToString("D")
        : Id;

    /// <summary>The file's state, as far as its row tells it; who may read it comes behind that.</summary>
    [JsonIgnore]
    public string State =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{LastModifiedDateTime?.UtcDateTime:O} {Size} {GraphMarks.MarkOf(Name ?? "", WebUrl ?? "")} "
        );

    /// <summary>"01", then in base32 four bytes of the drive and sixteen of the id.</summary>
    private Guid? Embedded()
    {
        if (Id.Length != IdLength || !Id.StartsWith("01", StringComparison.Ordinal))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[20];
        Span<byte> eight = stackalloc byte[8];
        for (var group = 0; group < 4; group++)
        {
            ulong value = 0;
            foreach (var character in Id.AsSpan(2 + (group * 8), 8))
            {
                var digit = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(character, StringComparison.Ordinal);
                if (digit < 0)
                {
                    return null;
                }

                value = (value << 5) | (uint)digit;
            }

            BinaryPrimitives.WriteUInt64BigEndian(eight, value);
            eight[3..].CopyTo(bytes[(group * 5)..]);
        }

        return new Guid(bytes[4..]);
    }
}
