using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Connectors;
using Tributary.Engine.Custom.Client;
using Tributary.Engine.OAuth;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;

namespace Tributary.Engine.Custom;

/// <summary>Signing in for custom integrations: their servers do it, and are only asked. All others sign in as before.</summary>
internal sealed class CustomOAuth(
    OAuthService builtIn,
    IIntegrationCatalog catalog,
    CustomRegistry registry,
    CustomSecrets secrets,
    CustomHttp http
) : IOAuthService
{
    private const int MaxValue = 100_000;

    public async Task<Uri> InitiateAsync(Caller caller, string integrationSlug, CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, integrationSlug, cancellationToken).ConfigureAwait(false) is not { } integration)
        {
            return await builtIn.InitiateAsync(caller, integrationSlug, cancellationToken).ConfigureAwait(false);
        }

        caller.Demand(Role.Editor);
        var answer = await SendAsync(
                integration,
                "/initiateOauth",
                new JsonObject { ["workspaceUuid"] = caller.WorkspaceUuid.ToString() },
                OAuthProblem.FailedToInitiate,
                cancellationToken
            )
            .ConfigureAwait(false);

        // A browser is sent there: nothing but a page of the web may be its target.
        return
            Uri.TryCreate(answer.Text("consentUrl"), UriKind.Absolute, out var address)
            && address.Scheme is "https" or "http"
            ? address
            : throw new OAuthException(
                OAuthProblem.FailedToInitiate,
                $"The server of '{integrationSlug}' names no http or https address as consentUrl."
            );
    }

    public async Task<OAuthCompletion> CompleteAsync(
        Caller caller,
        string integrationSlug,
        IReadOnlyDictionary<string, string> parameters,
        CancellationToken cancellationToken
    )
    {
        if (await FindAsync(caller, integrationSlug, cancellationToken).ConfigureAwait(false) is not { } integration)
        {
            return await builtIn
                .CompleteAsync(caller, integrationSlug, parameters, cancellationToken)
                .ConfigureAwait(false);
        }

        caller.Demand(Role.Editor);
        var sent = new JsonObject();
        foreach (var (name, value) in parameters)
        {
            sent[name] = value;
        }

        var answer = await SendAsync(
                integration,
                "/completeOauth",
                new JsonObject { ["workspaceUuid"] = caller.WorkspaceUuid.ToString(), ["params"] = sent },
                OAuthProblem.FailedToComplete,
                cancellationToken
            )
            .ConfigureAwait(false);
        return answer.Text("value") is { Length: > 0 and <= MaxValue } result
            ? new OAuthCompletion(
                result,
                answer.Object("extraValues") is { } extra ? (JsonObject)CustomSettings.Node(extra)! : []
            )
            : throw new OAuthException(
                OAuthProblem.FailedToComplete,
                $"The server of '{integrationSlug}' has returned no value."
            );
    }

    public Task<JsonElement> ResolveAsync(
        Caller caller,
        string integrationSlug,
        JsonElement credentials,
        CancellationToken cancellationToken
    ) =>
        catalog.Find(integrationSlug) is null
            ? Task.FromResult(credentials)
            : builtIn.ResolveAsync(caller, integrationSlug, credentials, cancellationToken);

    private async ValueTask<LoadedIntegration?> FindAsync(
        Caller caller,
        string slug,
        CancellationToken cancellationToken
    ) =>
        catalog.Find(slug) is null
            ? await registry.FindAsync(caller.WorkspaceId, slug, cancellationToken).ConfigureAwait(false)
            : null;

    private async Task<JsonElement> SendAsync(
        LoadedIntegration integration,
        string path,
        JsonObject body,
        OAuthProblem problem,
        CancellationToken cancellationToken
    )
    {
        var server = await secrets.ServerOfAsync(integration.Row, cancellationToken).ConfigureAwait(false);
        var call = new CustomCall(server, [path], body);
        try
        {
            var answer = await http.SendAsync(call, cancellationToken).ConfigureAwait(false);
            return answer.IsSuccess ? answer.Json
                : answer.Status == 404
                    ? throw new OAuthException(
                        OAuthProblem.NotSupported,
                        $"The server of '{integration.Slug}' offers no sign-in."
                    )
                : throw CustomHttp.FailureOf(call, answer);
        }
        catch (SourceException exception)
        {
            throw new OAuthException(problem, exception.Message);
        }
    }
}
