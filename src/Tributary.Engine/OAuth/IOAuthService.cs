using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Workspaces;

namespace Tributary.Engine.OAuth;

/// <summary>How people let a connector act for them: they consent at the vendor, and the tokens stay here.</summary>
public interface IOAuthService
{
    /// <summary>Begins a sign-in. Needs the role editor.</summary>
    /// <returns>Where the person's browser goes; valid for ten minutes, once.</returns>
    /// <exception cref="OAuthException">There is no such integration, it cannot do this, or the operator has configured no client.</exception>
    Task<Uri> InitiateAsync(Caller caller, string integrationSlug, CancellationToken cancellationToken);

    /// <summary>Ends a sign-in with what came back on the redirect.</summary>
    /// <param name="caller">The person who began it.</param>
    /// <param name="integrationSlug">For the same integration.</param>
    /// <param name="parameters">Every query parameter of the redirect, <c>code</c> and <c>state</c> among them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OAuthException">It was not begun, took too long, was refused, or the vendor gives no tokens.</exception>
    Task<OAuthCompletion> CompleteAsync(
        Caller caller,
        string integrationSlug,
        IReadOnlyDictionary<string, string> parameters,
        CancellationToken cancellationToken
    );

    /// <summary>Credentials in which a reference from <see cref="CompleteAsync"/> is replaced by what it stands for; others as they are.</summary>
    /// <exception cref="EngineException">Invalid: the reference was used, is over, or is somebody else's.</exception>
    Task<JsonElement> ResolveAsync(
        Caller caller,
        string integrationSlug,
        JsonElement credentials,
        CancellationToken cancellationToken
    );
}

/// <summary>A sign-in that is complete.</summary>
/// <param name="Value">A reference to the tokens, for the credentials' OAuth member; works once, for ten minutes.</param>
/// <param name="ExtraValues">Members for the config, e.g. an instance's address; empty when there are none.</param>
public sealed record OAuthCompletion(string Value, JsonObject ExtraValues);

/// <summary>Why a sign-in does not go on.</summary>
public enum OAuthProblem
{
    /// <summary>There is no integration with this slug.</summary>
    IntegrationNotFound,

    /// <summary>The integration has no OAuth.</summary>
    NotSupported,

    /// <summary>It cannot be begun: the operator's part is missing.</summary>
    FailedToInitiate,

    /// <summary>It cannot be ended: unknown, over, refused, or without tokens.</summary>
    FailedToComplete,
}

/// <summary>A sign-in does not go on. The message says why and what to do, and holds no secret.</summary>
public sealed class OAuthException(OAuthProblem problem, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public OAuthProblem Problem { get; } = problem;
}
