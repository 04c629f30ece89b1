using System.Text.Json;
using Tributary.Api.Cargo.Connection;
using Tributary.Api.Http;
using Tributary.Engine.Models;
using Tributary.Engine.Models.Queries;

namespace Tributary.Api.Cargo.Storage;

/// <summary>Models: create, look at, change, read, preview, remove.</summary>
internal static class ModelEndpoints
{
    private const string Root = "/v1/storage/models";

    public static void Map(DialectRoutes routes)
    {
        routes.Map("GET", Root + "/list", ListAsync, "The workspace's models").Answers<ModelsEnvelope>();
        routes
            .Map("GET", Root + "/existsBySlug", ExistsAsync, "Whether a slug is taken in a dataset")
            .Asks<ModelSlugQuery>()
            .Answers<ExistsAnswer>();
        routes
            .Map("POST", Root + "/preview", PreviewAsync, "A first page of an extractor")
            .Takes<PreviewBody>()
            .Answers<PreviewAnswer>();
        routes
            .Map("POST", Root + "/previewCount", CountAsync, "How many records an extractor has")
            .Takes<PreviewBody>()
            .Answers<CountAnswer>();
        routes.Map("POST", Root, CreateAsync, "Creates a model").Takes<CreateModelBody>().Answers<ModelEnvelope>();
        routes.Map("GET", Root + "/{uuid}", GetAsync, "One model").Answers<ModelEnvelope>();
        routes
            .Map("PUT", Root + "/{uuid}", UpdateAsync, "Changes a model; members that are left out stay")
            .Takes<UpdateModelBody>()
            .Answers<ModelEnvelope>();
        routes.Map("DELETE", Root + "/{uuid}", RemoveAsync, "Removes a model with its rows").AnswersNothing();
        routes
            .Map("POST", Root + "/{uuid}/refresh", RefreshAsync, "Reads a model now")
            .Answers<RefreshedModelEnvelope>();
        routes.Map("GET", Root + "/{uuid}/ddl", DdlAsync, "The model as a table of SQL").Answers<DdlAnswer>();
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var models = await exchange.Get<IModelService>().ListAsync(exchange.Caller, exchange.Aborted);
        await exchange.WriteAsync(
            new ModelsEnvelope([.. models.Select(model => ModelAnswer.Of(model, exchange.Caller.WorkspaceUuid))]),
            StorageJson.Wire.ModelsEnvelope
        );
    }

    private static async Task GetAsync(Exchange exchange) =>
        await WriteAsync(
            exchange,
            await exchange.Get<IModelService>().GetAsync(exchange.Caller, exchange.PathUuid("uuid"), exchange.Aborted)
        );

    private static async Task ExistsAsync(Exchange exchange)
    {
        var query = exchange.Query<ModelSlugQuery>();
        var exists =
            Guid.TryParse(query.DatasetUuid, out var dataset)
            && await exchange.Get<IModelService>().ExistsAsync(exchange.Caller, dataset, query.Slug, exchange.Aborted);
        await exchange.WriteAsync(new ExistsAnswer(exists), StorageJson.Wire.ExistsAnswer);
    }

    private static async Task CreateAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<CreateModelBody>();
        ModelBody.DemandNoFolder(body.FolderUuid);
        var draft = new ModelDraft
        {
            Slug = body.Slug,
            Name = body.Name,
            DatasetUuid = body.DatasetUuid,
            ExtractorSlug = body.ExtractorSlug,
            Config = body.Config,
            Description = body.Description,
            Schedule = ModelBody.Schedule(body.Schedule),
        };
        await WriteAsync(
            exchange,
            await exchange.Get<IModelService>().CreateAsync(exchange.Caller, draft, exchange.Aborted)
        );
    }

    private static async Task UpdateAsync(Exchange exchange)
    {
        var uuid = exchange.PathUuid("uuid");
        var json = await JsonBody.ReadAsync(exchange.Http);
        var body = Exchange.Body<UpdateModelBody>(json);
        ModelBody.DemandNoFolder(body.FolderUuid);
        var change = new ModelChange
        {
            Name = body.Name,
            ExtractorSlug = body.ExtractorSlug,
            Description = StorageExchange.ChangeOf(
                json,
                "description",
                value => StorageExchange.Text(value, "description")
            ),
            Position = body.Position is { } position ? (position.X, position.Y) : null,
            Config =
                json.TryGetProperty("config", out var config) && config.ValueKind != JsonValueKind.Null
                    ? StorageExchange.Object(config, "config")
                    : null,
            Unification = StorageExchange.ChangeOf<JsonElement?>(
                json,
                "unification",
                value => StorageExchange.Object(value, "unification")
            ),
            Schedule = StorageExchange.ChangeOf(json, "schedule", value => ModelBody.Schedule(value)),
        };
        await WriteAsync(
            exchange,
            await exchange.Get<IModelService>().UpdateAsync(exchange.Caller, uuid, change, exchange.Aborted)
        );
    }

    private static async Task RefreshAsync(Exchange exchange)
    {
        var model = await exchange
            .Get<IModelService>()
            .RefreshAsync(exchange.Caller, exchange.PathUuid("uuid"), exchange.Aborted);
        var isRefreshing = model.LastRun is { State: Engine.Runs.RunState.Queued or Engine.Runs.RunState.Running };
        await exchange.WriteAsync(
            new RefreshedModelEnvelope(ModelAnswer.Of(model, exchange.Caller.WorkspaceUuid), isRefreshing),
            StorageJson.Wire.RefreshedModelEnvelope
        );
    }

    private static async Task RemoveAsync(Exchange exchange)
    {
        await exchange.Get<IModelService>().RemoveAsync(exchange.Caller, exchange.PathUuid("uuid"), exchange.Aborted);
        await exchange.DoneAsync();
    }

    private static async Task DdlAsync(Exchange exchange)
    {
        var model = await exchange
            .Get<IModelService>()
            .GetAsync(exchange.Caller, exchange.PathUuid("uuid"), exchange.Aborted);
        await exchange.WriteAsync(new DdlAnswer(ModelTable.Ddl(model), "sqlite"), StorageJson.Wire.DdlAnswer);
    }

    private static async Task PreviewAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<PreviewBody>();
        var page = await exchange
            .Get<IModelService>()
            .PreviewAsync(exchange.Caller, body.DatasetUuid, body.Slug, body.Config, exchange.Aborted);
        await exchange.WriteAsync(
            new PreviewAnswer(
                [.. page.Records.Select(record => record.Record)],
                [
                    .. page.Columns.Select(column => new OriginalColumnAnswer(
                        column.Slug,
                        column.Type,
                        column.Label,
                        "original",
                        column.Slug,
                        column.Description
                    )),
                ],
                page.Count
            ),
            StorageJson.Wire.PreviewAnswer
        );
    }

    private static async Task CountAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<PreviewBody>();
        var count = await exchange
            .Get<IModelService>()
            .PreviewCountAsync(exchange.Caller, body.DatasetUuid, body.Slug, body.Config, exchange.Aborted);
        await exchange.WriteAsync(new CountAnswer(count), StorageJson.Wire.CountAnswer);
    }

    private static Task WriteAsync(Exchange exchange, Model model) =>
        exchange.WriteAsync(
            new ModelEnvelope(ModelAnswer.Of(model, exchange.Caller.WorkspaceUuid)),
            StorageJson.Wire.ModelEnvelope
        );
}
