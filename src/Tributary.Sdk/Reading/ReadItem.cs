using System.Text.Json;
using Tributary.Sdk.Documents;

namespace Tributary.Sdk.Reading;

/// <summary>One thing that a reader says.</summary>
public abstract record ReadItem
{
    private ReadItem() { }

    /// <summary>A document as it is now.</summary>
    public sealed record Found(Document Document) : ReadItem;

    /// <summary>A known document that is still as it was; its content was not fetched.</summary>
    public sealed record Unchanged(string DocumentId) : ReadItem;

    /// <summary>A document that is no longer there.</summary>
    public sealed record Deleted(string DocumentId) : ReadItem;

    /// <summary>One item that could not be read; the run goes on, and later runs try again.</summary>
    /// <param name="ItemId">The document's id, or what is known in its place.</param>
    /// <param name="Link">Where a person can look at it.</param>
    /// <param name="Reason">What is wrong and, where there is one, the cure.</param>
    public sealed record Failed(string ItemId, string? Link, string Reason) : ReadItem;

    /// <summary>One item that was left out on purpose, e.g. a link off the site. Shown to people who ask why.</summary>
    /// <param name="ItemId">Its address or id.</param>
    /// <param name="Reason">Why, in a few words: the same reason has the same words.</param>
    public sealed record Skipped(string ItemId, string Reason) : ReadItem;

    /// <summary>Where to go on. Committed together with everything yielded before it, and with the work list as it is now.</summary>
    /// <param name="Position">Small JSON, an object of at most 64 KiB; ids belong into the work list.</param>
    public sealed record Checkpoint(JsonElement Position) : ReadItem
    {
        /// <summary>From a typed position.</summary>
        public static Checkpoint From<T>(T position) =>
            new(JsonSerializer.SerializeToElement(position, Settings.SettingsJson.Options));

        /// <summary>As a typed position.</summary>
        public T As<T>() => Position.Deserialize<T>(Settings.SettingsJson.Options)!;
    }
}
