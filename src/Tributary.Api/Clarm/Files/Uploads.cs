using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Api.Http;
using Tributary.Engine;
using Tributary.Engine.Files;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Content;

namespace Tributary.Api.Clarm.Files;

/// <summary>Takes the files of a form into the vault while they arrive.</summary>
internal static class Uploads
{
    // The published sample calls the part files.items; frameworks write files[].
    private static readonly string[] Fields = ["files", "files[]", "files.items"];

    /// <summary>Stores every file of the form. When anything goes wrong, nothing of the form stays.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="texts">The other fields to read, which are bounded as JSON bodies are.</param>
    /// <returns>The stored files in the order of arrival, and the texts that came.</returns>
    public static async Task<Form> ReceiveAsync(Exchange exchange, params string[] texts)
    {
        exchange.Caller.Demand(Role.Editor);
        var maxBytes = exchange.Get<EngineOptions>().MaxUploadBytes;
        var vault = exchange.Get<IFileVault>();
        var form = new Form([], []);
        try
        {
            await foreach (var part in MultipartBody.ReadAsync(exchange.Http, maxBytes))
            {
                if (texts.Contains(part.Name))
                {
                    form.Texts[part.Name] = await part.ReadBytesAsync(JsonBody.MaxBytes, exchange.Aborted);
                }
                else if (Fields.Contains(part.Name) && part.FileName is { } name)
                {
                    form.Files.Add(await SaveAsync(vault, exchange, part, name));
                }
            }
        }
        catch
        {
            await DiscardAsync(exchange, form.Files);
            throw;
        }

        return form;
    }

    /// <summary>Deletes uploads that nobody will use.</summary>
    public static async Task DiscardAsync(Exchange exchange, IEnumerable<StoredFile> files)
    {
        foreach (var file in files)
        {
            await exchange.Get<IFileVault>().DeleteAsync(exchange.Caller, file.Id, CancellationToken.None);
        }
    }

    /// <summary>The config of a source of type <c>file</c>, with these uploads as its files.</summary>
    public static JsonElement FillIn(JsonElement config, IReadOnlyList<StoredFile> files)
    {
        var filled = JsonObject.Create(config)!;
        filled["file_locations"] = new JsonArray([.. files.Select(file => (JsonNode)file.Id)]);
        filled["file_names"] = new JsonArray([.. files.Select(file => (JsonNode)file.Name)]);
        return JsonElement.Parse(filled.ToJsonString());
    }

    private static async Task<StoredFile> SaveAsync(
        IFileVault vault,
        Exchange exchange,
        MultipartPart part,
        string name
    )
    {
        try
        {
            return await vault.SaveAsync(exchange.Caller, name, part.ContentType, part.Content, exchange.Aborted);
        }
        catch (Exception exception) when (MultipartBody.IsBroken(exception))
        {
            throw MultipartBody.Broken(exception);
        }
    }
}

/// <summary>What a form brought.</summary>
/// <param name="Files">The files, stored.</param>
/// <param name="Texts">The text fields by name.</param>
internal sealed record Form(List<StoredFile> Files, Dictionary<string, byte[]> Texts);
