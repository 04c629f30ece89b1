using Tributary.Api.Http;
using Tributary.Engine.Models;
using Tributary.Engine.Workspaces;

namespace Tributary.Api.Cargo.Storage;

/// <summary>Datasets follow connectors: they are only looked at.</summary>
internal static class DatasetEndpoints
{
    private const string Root = "/v1/storage/datasets";

    public static void Map(DialectRoutes routes)
    {
        routes
            .Map("GET", Root + "/list", ListAsync, "The workspace's own dataset and each connector's")
            .Answers<DatasetsEnvelope>();
        routes.Map("GET", Root + "/{uuid}", GetAsync, "One dataset").Answers<DatasetEnvelope>();
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var datasets = await exchange.Get<IModelService>().ListDatasetsAsync(exchange.Caller, exchange.Aborted);
        var workspace = await exchange.Get<IIdentityService>().GetWorkspaceAsync(exchange.Caller, exchange.Aborted);
        await exchange.WriteAsync(
            new DatasetsEnvelope([.. datasets.Select(dataset => Answer(dataset, workspace))]),
            StorageJson.Wire.DatasetsEnvelope
        );
    }

    private static async Task GetAsync(Exchange exchange)
    {
        var dataset = await exchange
            .Get<IModelService>()
            .GetDatasetAsync(exchange.Caller, exchange.PathUuid("uuid"), exchange.Aborted);
        var workspace = await exchange.Get<IIdentityService>().GetWorkspaceAsync(exchange.Caller, exchange.Aborted);
        await exchange.WriteAsync(new DatasetEnvelope(Answer(dataset, workspace)), StorageJson.Wire.DatasetEnvelope);
    }

    private static DatasetAnswer Answer(Dataset dataset, Engine.Workspaces.Workspace workspace) =>
        dataset.Connector is { } connector
            ? DatasetAnswer.Of(connector, workspace.Uuid)
            : DatasetAnswer.Default(workspace);
}

/// <summary>One dataset.</summary>
internal sealed record DatasetEnvelope(DatasetAnswer Dataset);

/// <summary>Datasets.</summary>
internal sealed record DatasetsEnvelope(IReadOnlyList<DatasetAnswer> Datasets);
