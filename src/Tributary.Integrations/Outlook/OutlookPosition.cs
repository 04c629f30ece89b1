using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk.Incremental;

namespace Tributary.Integrations.Outlook;

/// <summary>Where a pass over the mailboxes stands; what is still to be done is in the work list.</summary>
internal sealed class OutlookPosition
{
    /// <summary>What is being read: another selection begins afresh.</summary>
    public required string Selection { get; init; }

    /// <summary>The mailboxes are in the work list: a pass is going on.</summary>
    public bool IsStarted { get; set; }

    /// <summary>A mailbox was opened in this pass.</summary>
    public bool AnyOpen { get; set; }

    /// <summary>The folder that is being listed.</summary>
    public string? Folder { get; set; }

    /// <summary>Where in it.</summary>
    public string? Next { get; set; }

    /// <summary>Its rows so far, since a filtered delta ends at 5,000.</summary>
    public int Rows { get; set; }

    /// <summary>It is listed without a filter.</summary>
    public bool IsWhole { get; set; }

    /// <summary>Delta links of folders, and threads that failed.</summary>
    public GraphLinks Links { get; init; } = new();

    /// <summary>When the newest mail was received, for folders without a link.</summary>
    public Watermark Received { get; set; } = new();

    /// <summary>A folder is listed to its end.</summary>
    public void End(string folder, string? link)
    {
        (Folder, Next, Rows, IsWhole) = (null, null, 0, false);
        Links.Keep(folder, link);
    }

    /// <summary>A thread failed: the next pass comes back to it. Where too many fail, all folders are listed again.</summary>
    public void Hold(string key, string data)
    {
        if (!Links.Hold(key, data))
        {
            Received = Received.Hold(DateTimeOffset.UnixEpoch);
        }
    }
}
