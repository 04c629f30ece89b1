using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Tributary.Api.Http;
using Tributary.Engine.Connectors;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Clarm.Sources;

/// <summary>POST /v1/sources/create.</summary>
internal static class CreateSource
{
    /// <summary>Ten years in seconds: what is more is a mistake of the sender.</summary>
    public const double MaxFrequency = 315_576_000;

    public static void Map(DialectRoutes routes) =>
        routes
            .Map("POST", "/v1/sources/create", AnswerAsync, "Creates a source and starts reading it")
            .Takes<CreateSourceBody>()
            .Answers<CreateSourceAnswer>();

    private static async Task AnswerAsync(Exchange exchange)
    {
        var json = await JsonBody.ReadAsync(exchange.Http);
        var catalog = exchange.Get<IIntegrationCatalog>();
        var draft = Draft(json, catalog);
        var connector = await exchange.Get<IConnectorService>().CreateAsync(exchange.Caller, draft, exchange.Aborted);
        await exchange.WriteAsync(
            new CreateSourceAnswer(
                connector.Id,
                connector.CredentialId,
                "success",
                catalog.Find(draft.IntegrationSlug)!.Manifest.Kind switch
                {
                    IntegrationKind.Pull => "Connector created and indexing scheduled",
                    IntegrationKind.Push => "Connector created; push documents to fill it",
                    _ => "Connector created; there is nothing to index in a source of this type",
                }
            ),
            ClarmJson.Wire.CreateSourceAnswer
        );
    }

    private static ConnectorDraft Draft(JsonElement json, IIntegrationCatalog catalog)
    {
        var mistakes = new List<SettingsProblem>(SourceTypes.Check(json, catalog));
        CreateSourceBody body;
        try
        {
            body = Exchange.Body<CreateSourceBody>(json, mistakes);
        }
        catch (RequestException refusal)
        {
            // The engine reads config and credentials only of a draft that is whole; here they are read for their mistakes.
            throw new RequestException([.. refusal.Problems, .. SourceTypes.CheckSettings(json, catalog)]);
        }

        SourceTypes.DemandReadable(body.Type, catalog);
        return new ConnectorDraft
        {
            Name = body.Name,
            IntegrationSlug = body.Type,
            Config = json.GetProperty("config"),
            Credentials = json.GetProperty("credential").GetProperty("credentials"),
            RefreshFreq = body.RefreshFreq,
            PruneFreq = body.PruneFreq,
        };
    }
}

/// <summary>A new source.</summary>
internal sealed record CreateSourceBody
{
    [Description("What people call it; unique among the sources of its type."), MinLength(1), MaxLength(200)]
    public required string Name { get; init; }

    [Description("The source type.")]
    public required string Type { get; init; }

    [Description("The settings of the source; their members depend on the type, see GET /v1/integrations/{slug}.")]
    public required IReadOnlyDictionary<string, JsonElement> Config { get; init; }

    [Description("What the source is to be read with.")]
    public required CredentialBody Credential { get; init; }

    [Description("Seconds between refreshes; null reads the source once."), Range(0, CreateSource.MaxFrequency)]
    public long? RefreshFreq { get; init; }

    [Description("Seconds between prunes; null never prunes by itself."), Range(0, CreateSource.MaxFrequency)]
    public long? PruneFreq { get; init; }
}

/// <summary>Credentials, as the Clarm dialect wraps them.</summary>
internal sealed record CredentialBody
{
    [Description("The secrets; empty for sources without a login.")]
    public required IReadOnlyDictionary<string, JsonElement> Credentials { get; init; }
}

/// <summary>What was created.</summary>
/// <param name="ConnectorId">The source's id.</param>
/// <param name="CredentialId">Its credential's id.</param>
/// <param name="Status"><c>success</c>.</param>
/// <param name="Message">What happens now.</param>
internal sealed record CreateSourceAnswer(long ConnectorId, long CredentialId, string Status, string Message);
