namespace Tributary.Integrations.Outlook;

/// <summary>Ids of documents.</summary>
internal static class OutlookIds
{
    public static string Thread(string key) => $"outlook-thread:{key}";

    /// <summary>What a participant saw who was left out of other messages.</summary>
    public static string Part(string key, OutlookMailbox mailbox) => $"outlook-thread:{key}:{mailbox.Id}";

    /// <summary>What stands in a mailbox and the thread's writer cannot see.</summary>
    public static string Own(string key, OutlookMailbox mailbox) => $"outlook-thread:{key}:{mailbox.Id}:own";

    public static string Attachment(OutlookMailbox mailbox, string message, string attachment) =>
        $"outlook-attachment:{mailbox.Id}:{message}:{attachment}";

    public static string Event(OutlookMailbox mailbox, string id) => $"outlook-event:{mailbox.Id}:{id}";
}
