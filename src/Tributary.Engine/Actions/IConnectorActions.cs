using System.Text.Json;
using Tributary.Engine.Catalog;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.Actions;

/// <summary>
/// What is done through a connector on a user's behalf, beside reading it. Everything needs the role editor, and throws
/// <see cref="EngineException"/>: NotFound (<c>connectorNotFound</c>, <c>actionNotFound</c>), Invalid with every mistake in
/// the config, Rejected with one of the reasons named here when the source fails.
/// </summary>
public interface IConnectorActions
{
    /// <summary>Does an action. One that takes long is handed back unfinished, to be gone on with.</summary>
    /// <exception cref="EngineException">Also Rejected, <c>failedToExecuteAction</c>.</exception>
    Task<ActionAnswer> ExecuteAsync(
        Caller caller,
        Guid connectorUuid,
        string slug,
        ActionRequest request,
        CancellationToken cancellationToken
    );

    /// <summary>Whether an action would accept a config.</summary>
    /// <returns>What is wrong, in words; null when nothing is.</returns>
    /// <exception cref="EngineException">Invalid, when it is the schema that the config does not fit.</exception>
    Task<string?> ValidateAsync(
        Caller caller,
        Guid connectorUuid,
        string slug,
        JsonElement config,
        CancellationToken cancellationToken
    );

    /// <summary>The options of a form's field.</summary>
    /// <exception cref="EngineException">
    /// Also Rejected: <c>failedToGetIntegration</c> when there is no such look-up, <c>failedToGetIntegrationAutocomplete</c>
    /// when the source fails.
    /// </exception>
    Task<AutocompleteAnswer> AutocompleteAsync(
        Caller caller,
        Guid connectorUuid,
        AutocompleteRequest request,
        CancellationToken cancellationToken
    );

    /// <summary>A schema that depends on the connector. Either half may be missing.</summary>
    /// <exception cref="EngineException">Also Rejected, <c>failedToGetIntegration</c>.</exception>
    Task<(JsonElement? Schema, JsonElement? UiSchema)> GetDynamicSchemaAsync(
        Caller caller,
        Guid connectorUuid,
        string slug,
        JsonElement parameters,
        CancellationToken cancellationToken
    );
}

/// <summary>How to do an action.</summary>
/// <param name="Config">By the action's schema.</param>
/// <param name="IsDry">Only to try it: nothing is to change, nothing is kept.</param>
/// <param name="Meta">What an unfinished answer held; null at the beginning.</param>
public sealed record ActionRequest(JsonElement Config, bool IsDry = false, JsonElement? Meta = null);

/// <summary>What came of an action.</summary>
public sealed record ActionAnswer
{
    /// <summary><c>executed</c>; or <c>executing</c> and <c>waiting</c>: to be gone on with by <see cref="Meta"/>.</summary>
    public required string Outcome { get; init; }

    /// <summary>What it has brought; an object.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>What the steps before the last have brought, in order.</summary>
    public IReadOnlyList<JsonElement> PartialData { get; init; } = [];

    /// <summary>In a few words for people.</summary>
    public string? Title { get; init; }
    public double? UnitsCount { get; init; }
    public string? IconUrl { get; init; }
    public long? ChildIndex { get; init; }

    /// <summary>Of <c>waiting</c>: how long at most.</summary>
    public long? TimeoutMilliseconds { get; init; }

    /// <summary>Where to go on; opaque.</summary>
    public JsonElement? Meta { get; init; }

    /// <summary>True and false: it was, or could have been, kept from before; null when results are not kept.</summary>
    public bool? IsFromCache { get; init; }
}

/// <summary>Which look-up.</summary>
/// <param name="Slug">The look-up.</param>
/// <param name="Params">By its schema.</param>
/// <param name="Value">Text to search for; null for none.</param>
/// <param name="IsFresh">Ask again, whatever is kept.</param>
public sealed record AutocompleteRequest(string Slug, JsonElement Params, string? Value, bool IsFresh);

/// <summary>The options that a look-up has found.</summary>
/// <param name="Results">In the source's order.</param>
/// <param name="IsFromCache">They were kept from before.</param>
public sealed record AutocompleteAnswer(IReadOnlyList<AutocompleteOption> Results, bool IsFromCache);

/// <summary>One option.</summary>
/// <param name="Label">For people.</param>
/// <param name="Value">Any JSON.</param>
/// <param name="Parent">The group that it belongs to; null for none.</param>
/// <param name="Description">More for people; null for none.</param>
/// <param name="ConfigOverride">Further settings to apply when it is picked; null for none.</param>
public sealed record AutocompleteOption(
    string Label,
    JsonElement Value,
    string? Parent,
    string? Description,
    JsonElement? ConfigOverride
);
