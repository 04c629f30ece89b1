using System.Text.Json;
using Tributary.Sdk.Reading;

namespace Tributary.Sdk.Actions;

/// <summary>
/// Something that can be done through a connector besides reading it: a search, a look-up. Declared in
/// <see cref="Integration.Actions"/>; catalogue, validation, limits and caching follow from it.
/// </summary>
/// <remarks>Make one with <see cref="Integration{TConfig, TCredentials}.Action{TInput}"/>.</remarks>
public abstract class IntegrationAction
{
    private protected IntegrationAction(string slug, string name, string description) =>
        (Slug, Name, Description) = (slug, name, description);

    /// <summary>The identifier in URLs, unique in the integration: lower-case letters, digits and <c>_</c>.</summary>
    public string Slug { get; }

    /// <summary>What people call it, e.g. <c>Search pages</c>.</summary>
    public string Name { get; }

    /// <summary>What it does, in a sentence.</summary>
    public string Description { get; }

    /// <summary>
    /// It changes nothing at the source: it may be tried out, and its results may be kept for as long as the connector
    /// says. Default true.
    /// </summary>
    public bool OnlyReads { get; init; } = true;

    /// <summary>The typed input: a record whose members are described by attributes, as settings are.</summary>
    public abstract Type InputType { get; }

    /// <summary>Does it.</summary>
    /// <param name="context">What it may touch; as a reader.</param>
    /// <param name="config">The connector's config.</param>
    /// <param name="credentials">The connector's credentials.</param>
    /// <param name="input">An instance of <see cref="InputType"/>, already validated.</param>
    /// <param name="cancellationToken">Ends it promptly.</param>
    /// <exception cref="SourceException">It cannot be done; says what to do about it.</exception>
    public abstract Task<ActionResult> ExecuteAsync(
        ReaderContext context,
        object config,
        object credentials,
        object input,
        CancellationToken cancellationToken
    );
}

/// <summary>What an action has brought.</summary>
/// <param name="Title">In a few words for people, e.g. <c>12 pages found</c>.</param>
/// <param name="Data">For programs; an object.</param>
public sealed record ActionResult(string Title, JsonElement Data);

/// <summary>An action with its types.</summary>
internal sealed class IntegrationAction<TConfig, TCredentials, TInput>(
    string slug,
    string name,
    string description,
    Func<ReaderContext, TConfig, TCredentials, TInput, CancellationToken, Task<ActionResult>> execute
) : IntegrationAction(slug, name, description)
    where TConfig : class
    where TCredentials : class
    where TInput : class
{
    public override Type InputType => typeof(TInput);

    public override Task<ActionResult> ExecuteAsync(
        ReaderContext context,
        object config,
        object credentials,
        object input,
        CancellationToken cancellationToken
    ) => execute(context, (TConfig)config, (TCredentials)credentials, (TInput)input, cancellationToken);
}
