using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Sdk;

/// <summary>
/// A kind of thing that one can connect to. Everything that people see of it (catalogue, forms, validation, docs,
/// command line) is derived from <see cref="Manifest"/> and the two settings types; integrations are found by
/// scanning their assembly, so that adding one touches no list.
/// </summary>
/// <remarks>Derive from <see cref="Integration{TConfig, TCredentials}"/>; this base is what the engine handles.</remarks>
public abstract class Integration
{
    /// <summary>The facts of this integration, as data.</summary>
    public abstract IntegrationManifest Manifest { get; }

    /// <summary>The typed config: a record whose members are described by attributes.</summary>
    public abstract Type ConfigType { get; }

    /// <summary>The typed credentials: as <see cref="ConfigType"/>; <see cref="NoCredentials"/> when there are none.</summary>
    public abstract Type CredentialsType { get; }

    /// <summary>
    /// Whether a connector with this config has anything to read. Push and inert integrations never have; the others
    /// do unless they say otherwise. A connector without runs is never scheduled, and a run asked for by hand ends
    /// at once with no documents.
    /// </summary>
    public virtual bool HasRuns(object config) => Manifest.Kind == IntegrationKind.Pull;

    /// <summary>
    /// Facts about how requests of a connector with this config leave the process, beyond the manifest's:
    /// null takes <see cref="IntegrationManifest.Politeness"/>.
    /// </summary>
    public virtual HostPoliteness? PolitenessFor(object config) => Manifest.Politeness;

    /// <summary>The vendor's limits for a connector with this config: the manifest's, unless the config names the account's own.</summary>
    public virtual IReadOnlyList<RateLimit> LimitsFor(object config) => Manifest.VendorLimits;

    /// <summary>
    /// How every request of a connector with these settings proves who sends it; its reader need not know. Checked when the
    /// connector is opened: what is wrong with the credentials may be thrown as a <see cref="SourceException"/>.
    /// </summary>
    public virtual Authentication AuthenticationFor(object config, object credentials) => Authentication.None;

    /// <summary>What can be done through a connector besides reading it.</summary>
    public virtual IReadOnlyList<IntegrationAction> Actions => [];

    /// <summary>
    /// The address that requests through a connector go to, e.g. <c>https://api.example.com/v1</c>; null when the
    /// integration has no API of that kind. They are sent with <see cref="AuthenticationFor"/>, and to nowhere else.
    /// </summary>
    /// <exception cref="SourceException">The settings name no usable address.</exception>
    public virtual Uri? ApiBaseFor(object config, object credentials) => null;

    /// <summary>Makes the reader of one connector for one run, check or listing.</summary>
    /// <param name="context">What the reader may touch: HTTP, clock, work list, known documents.</param>
    /// <param name="config">An instance of <see cref="ConfigType"/>, already validated.</param>
    /// <param name="credentials">An instance of <see cref="CredentialsType"/>, already validated.</param>
    public abstract IReader CreateReader(ReaderContext context, object config, object credentials);
}

/// <summary>An integration with its settings types. See <see cref="Integration"/>.</summary>
/// <typeparam name="TConfig">The config record.</typeparam>
/// <typeparam name="TCredentials">The credentials record, or <see cref="NoCredentials"/>.</typeparam>
public abstract class Integration<TConfig, TCredentials> : Integration
    where TConfig : class
    where TCredentials : class
{
    /// <inheritdoc />
    public sealed override Type ConfigType => typeof(TConfig);

    /// <inheritdoc />
    public sealed override Type CredentialsType => typeof(TCredentials);

    /// <inheritdoc />
    public sealed override bool HasRuns(object config) => base.HasRuns(config) && HasRuns((TConfig)config);

    /// <inheritdoc cref="Integration.HasRuns(object)"/>
    protected virtual bool HasRuns(TConfig config) => true;

    /// <inheritdoc />
    public sealed override HostPoliteness? PolitenessFor(object config) => PolitenessFor((TConfig)config);

    /// <inheritdoc cref="Integration.PolitenessFor(object)"/>
    protected virtual HostPoliteness? PolitenessFor(TConfig config) => Manifest.Politeness;

    /// <inheritdoc />
    public sealed override IReadOnlyList<RateLimit> LimitsFor(object config) => LimitsFor((TConfig)config);

    /// <inheritdoc cref="Integration.LimitsFor(object)"/>
    protected virtual IReadOnlyList<RateLimit> LimitsFor(TConfig config) => Manifest.VendorLimits;

    /// <inheritdoc />
    public sealed override Authentication AuthenticationFor(object config, object credentials) =>
        AuthenticateWith((TConfig)config, (TCredentials)credentials);

    /// <inheritdoc cref="Integration.AuthenticationFor(object, object)"/>
    protected virtual Authentication AuthenticateWith(TConfig config, TCredentials credentials) => Authentication.None;

    /// <inheritdoc />
    public sealed override Uri? ApiBaseFor(object config, object credentials) =>
        ApiBase((TConfig)config, (TCredentials)credentials);

    /// <inheritdoc cref="Integration.ApiBaseFor(object, object)"/>
    protected virtual Uri? ApiBase(TConfig config, TCredentials credentials) => null;

    /// <summary>Declares an action, for <see cref="Integration.Actions"/>.</summary>
    /// <typeparam name="TInput">The input's record.</typeparam>
    /// <param name="slug">See <see cref="IntegrationAction.Slug"/>.</param>
    /// <param name="name">See <see cref="IntegrationAction.Name"/>.</param>
    /// <param name="description">See <see cref="IntegrationAction.Description"/>.</param>
    /// <param name="execute">Does it.</param>
    /// <param name="onlyReads">See <see cref="IntegrationAction.OnlyReads"/>.</param>
    protected static IntegrationAction Action<TInput>(
        string slug,
        string name,
        string description,
        Func<ReaderContext, TConfig, TCredentials, TInput, CancellationToken, Task<ActionResult>> execute,
        bool onlyReads = true
    )
        where TInput : class =>
        new IntegrationAction<TConfig, TCredentials, TInput>(slug, name, description, execute)
        {
            OnlyReads = onlyReads,
        };

    /// <summary>Declares the action <c>search</c> of an integration whose reader is an <see cref="ISearchingReader"/>.</summary>
    /// <param name="things">What is found, in the plural, e.g. <c>issues</c>.</param>
    /// <param name="description">See <see cref="IntegrationAction.Description"/>.</param>
    protected IntegrationAction SearchAction(string things, string description) =>
        Action<SearchInput>(
            "search",
            $"Search {things}",
            description,
            (context, config, credentials, input, cancellationToken) =>
                LookUpResults.SearchAsync(
                    (ISearchingReader)CreateReader(context, config, credentials),
                    things,
                    input,
                    cancellationToken
                )
        );

    /// <summary>Declares the action <c>get_…</c> of an integration whose reader is an <see cref="ISingleReader"/>.</summary>
    /// <param name="thing">What is read, in the singular, e.g. <c>issue</c>.</param>
    /// <param name="description">See <see cref="IntegrationAction.Description"/>; says what an id is.</param>
    protected IntegrationAction GetAction(string thing, string description) =>
        Action<ItemInput>(
            $"get_{thing}",
            $"Get {thing}",
            description,
            (context, config, credentials, input, cancellationToken) =>
                LookUpResults.GetAsync(
                    (ISingleReader)CreateReader(context, config, credentials),
                    thing,
                    input,
                    cancellationToken
                )
        );

    /// <inheritdoc />
    public sealed override IReader CreateReader(ReaderContext context, object config, object credentials) =>
        CreateReader(context, (TConfig)config, (TCredentials)credentials);

    /// <inheritdoc cref="Integration.CreateReader(ReaderContext, object, object)"/>
    protected abstract IReader CreateReader(ReaderContext context, TConfig config, TCredentials credentials);
}
