using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Outlook;

/// <summary>One thing to be done for a mailbox.</summary>
/// <param name="Kind">One of the constants.</param>
/// <param name="Owner">The mailbox.</param>
/// <param name="Id">The folder, conversation or series.</param>
/// <param name="DocumentId">What a failure is told of; empty when it is not known.</param>
/// <param name="ThreadKey">Of a copy that is left to another mailbox: the thread's key.</param>
internal sealed record OutlookTask(
    string Kind,
    OutlookMailbox Owner,
    string Id,
    string DocumentId,
    string? ThreadKey = null
)
{
    public const string Mailbox = "mailbox";
    public const string Folder = "folder";
    public const string Thread = "thread";

    /// <summary>A thread that another mailbox writes, when it has it.</summary>
    public const string Left = "left";

    /// <summary>The same, behind everything else: what failed before comes early in a pass, and so does what it leaves.</summary>
    public const string LeftLast = "left last";
    public const string Calendar = "calendar";
    public const string Series = "series";

    /// <summary>As it stands in the work list.</summary>
    [JsonIgnore]
    public WorkItem Item => new($"{Kind}|{Owner.Id}|{Id}", JsonSerializer.Serialize(this, SettingsJson.Options));

    /// <summary>What the next pass does again when this fails; null for what it does anyway.</summary>
    [JsonIgnore]
    public WorkItem? Retry =>
        Kind switch
        {
            Thread or Left => Item,
            LeftLast => (this with { Kind = Left }).Item,
            _ => null,
        };

    public static OutlookTask Parse(WorkItem item) =>
        JsonSerializer.Deserialize<OutlookTask>(item.Data!, SettingsJson.Options)!;
}
