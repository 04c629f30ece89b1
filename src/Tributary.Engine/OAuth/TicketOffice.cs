using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tributary.Engine.Secrets;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.OAuth;

/// <summary>Tickets that work once, for ten minutes, for the person they were made for. Only their hashes are stored.</summary>
internal sealed class TicketOffice(IOAuthStore store, SecretBox box, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>Makes one.</summary>
    /// <param name="caller">For whom.</param>
    /// <param name="integration">For which integration.</param>
    /// <param name="kind">For what.</param>
    /// <param name="shown">What its bearer shows; random.</param>
    /// <param name="content">What it stands for; sealed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task IssueAsync(
        Caller caller,
        string integration,
        TicketKind kind,
        string shown,
        byte[] content,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var ticket = Of(caller, integration, kind, shown);
        var (secret, keyId) = box.Seal(content, PlaceOf(ticket));
        return store.AddTicketAsync(
            ticket with
            {
                Secret = secret,
                KeyId = keyId,
                ExpiresAt = now + Life,
            },
            now,
            cancellationToken
        );
    }

    /// <summary>What it stands for, once; null when there is no such ticket for this caller.</summary>
    public async Task<byte[]?> RedeemAsync(
        Caller caller,
        string integration,
        TicketKind kind,
        string shown,
        CancellationToken cancellationToken
    )
    {
        var ticket = await store
            .TakeTicketAsync(Of(caller, integration, kind, shown), time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
        return ticket is null ? null : box.Open(ticket.Secret, ticket.KeyId, PlaceOf(ticket));
    }

    private static SealedTicket Of(Caller caller, string integration, TicketKind kind, string shown) =>
        new()
        {
            Hash = SHA256.HashData(Encoding.UTF8.GetBytes(shown)),
            Kind = kind,
            WorkspaceId = caller.WorkspaceId,
            UserId = caller.UserId,
            Integration = integration,
        };

    private static string PlaceOf(SealedTicket ticket) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{ticket.WorkspaceId}|oauth-ticket|{ticket.Kind}|{Convert.ToHexStringLower(ticket.Hash)}"
        );
}
