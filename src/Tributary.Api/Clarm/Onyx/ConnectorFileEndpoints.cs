using System.Text.Json;
using Tributary.Api.Clarm.Files;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Connectors;
using Tributary.Engine.Files;
using Tributary.Engine.Runs;
using Tributary.Sdk.Content;

namespace Tributary.Api.Clarm.Onyx;

/// <summary>The uploads of connectors of type <c>file</c>.</summary>
internal static class ConnectorFileEndpoints
{
    private const string ToRemove = "file_ids_to_remove";

    public static void Map(DialectRoutes routes)
    {
        routes
            .MapCurated("POST", "/manage/admin/connector/file/upload", FileEndpoints.UploadAsync, "Stores files")
            .Takes<FilesForm>("multipart/form-data")
            .Answers<UploadAnswer>();
        routes
            .MapCurated("GET", "/manage/admin/connector/{connector_id}/files", ListAsync, "A connector's files")
            .Answers<ConnectorFilesAnswer>();
        routes
            .MapCurated(
                "POST",
                "/manage/admin/connector/{connector_id}/files/update",
                UpdateAsync,
                "Adds files to a connector and removes others, and reads it again"
            )
            .Takes<UpdateFilesForm>("multipart/form-data")
            .Answers<UploadAnswer>();
    }

    private static async Task ListAsync(Exchange exchange)
    {
        var connector = await GetFileConnectorAsync(exchange);
        var files = new List<ConnectorFileAnswer>();
        foreach (var id in Locations(connector.Config))
        {
            if (await FindAsync(exchange, id) is { } file)
            {
                files.Add(new ConnectorFileAnswer(file.Id, file.Name, file.Length, file.UploadedAt));
            }
        }

        await exchange.WriteAsync(new ConnectorFilesAnswer(files), ClarmJson.Wire.ConnectorFilesAnswer);
    }

    private static async Task UpdateAsync(Exchange exchange)
    {
        var connector = await GetFileConnectorAsync(exchange);
        var form = await Uploads.ReceiveAsync(exchange, ToRemove);
        var kept = new List<StoredFile>();
        try
        {
            var removed = Ids(form);
            foreach (var id in Locations(connector.Config).Except(removed))
            {
                if (await FindAsync(exchange, id) is { } file)
                {
                    kept.Add(file);
                }
            }

            kept.AddRange(form.Files);
            if (kept.Count == 0)
            {
                throw new RequestException(400, "At least one file has to stay; delete the connector instead.");
            }

            await exchange
                .Get<IConnectorService>()
                .UpdateAsync(
                    exchange.Caller,
                    connector.Id,
                    new ConnectorChange { Config = Uploads.FillIn(connector.Config, kept) },
                    exchange.Aborted
                );
        }
        catch
        {
            await Uploads.DiscardAsync(exchange, form.Files);
            throw;
        }

        await ReadAgainAsync(exchange, connector.Id);
        await exchange.WriteAsync(UploadAnswer.Of(kept), ClarmJson.Wire.UploadAnswer);
    }

    private static async Task ReadAgainAsync(Exchange exchange, long id)
    {
        try
        {
            await exchange.Get<IRunService>().RequestAsync(exchange.Caller, id, RunKind.Refresh, exchange.Aborted);
        }
        catch (EngineException refusal) when (refusal.Kind == RefusalKind.Conflict)
        {
            // Paused, or at it already: the files are there for the next run.
        }
    }

    private static async Task<Connector> GetFileConnectorAsync(Exchange exchange)
    {
        var id = exchange.PathId("connector_id");
        var connector = await exchange.Get<IConnectorService>().GetAsync(exchange.Caller, id, exchange.Aborted);
        return connector.IntegrationSlug == "file"
            ? connector
            : throw new RequestException(
                400,
                $"Connector {id} is of type '{connector.IntegrationSlug}' and has no files."
            );
    }

    private static async Task<StoredFile?> FindAsync(Exchange exchange, string id)
    {
        try
        {
            return await exchange.Get<IFileVault>().GetAsync(exchange.Caller, id, exchange.Aborted);
        }
        catch (EngineException refusal) when (refusal.Kind == RefusalKind.NotFound)
        {
            return null;
        }
    }

    private static List<string> Ids(Form form)
    {
        if (!form.Texts.TryGetValue(ToRemove, out var text) || text.Length == 0)
        {
            return [];
        }

        var json = JsonBody.Parse(text, ["body", ToRemove]);
        return
            json.ValueKind == JsonValueKind.Array
            && json.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. json.EnumerateArray().Select(item => item.GetString()!)]
            : throw RequestException.Of(["body", ToRemove], "list_type", "Input should be a list of file ids as JSON");
    }

    private static IEnumerable<string> Locations(JsonElement config) =>
        config.TryGetProperty("file_locations", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
                .Where(item => item.ValueKind == JsonValueKind.String)
                .Select(item => item.GetString()!)
            : [];
}

/// <summary>A connector's files.</summary>
internal sealed record ConnectorFilesAnswer(IReadOnlyList<ConnectorFileAnswer> Files);

/// <summary>A connector's file.</summary>
internal sealed record ConnectorFileAnswer(string FileId, string FileName, long? FileSize, DateTimeOffset? UploadDate);

/// <summary>The form; read part by part, this type only describes it.</summary>
internal sealed record UpdateFilesForm
{
    public IReadOnlyList<byte[]>? Files { get; init; }

    /// <summary>A list of file ids as JSON.</summary>
    public string FileIdsToRemove { get; init; } = "[]";
}
