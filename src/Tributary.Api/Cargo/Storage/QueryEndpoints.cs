using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Api.Http;
using Tributary.Engine.Models.Queries;

namespace Tributary.Api.Cargo.Storage;

/// <summary>SQL over the workspace's models.</summary>
internal static class QueryEndpoints
{
    private const string Root = "/v1/storage/query";
    private const string Files = Root + "/files";

    public static void Map(DialectRoutes routes)
    {
        routes.Map("POST", Root, QueryAsync, "Rows of a SELECT").Takes<QueryBody>().Answers<RowsAnswer>();
        routes
            .Map("POST", Root + "/download", DownloadAsync, "Rows of a SELECT as a file")
            .Takes<DownloadBody>()
            .Answers<UrlsAnswer>();
        routes.MapOpen("GET", Files + "/{ticket}", OpenAsync, "A file of rows; its address is its key, for an hour");
    }

    private static async Task QueryAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<QueryBody>();
        var answer = await exchange.Get<IQueryService>().QueryAsync(exchange.Caller, body.Query, exchange.Aborted);
        await exchange.WriteAsync(new RowsAnswer(answer.Rows, answer.IsRefreshing), StorageJson.Wire.RowsAnswer);
    }

    private static async Task DownloadAsync(Exchange exchange)
    {
        var body = await exchange.ReadAsync<DownloadBody>();
        if (body.Format == DownloadFormat.Parquet)
        {
            throw RequestException.Of(
                ["body", "format"],
                "enum",
                "Files are offered as csv; parquet is not offered here"
            );
        }

        var answer = await exchange.Get<IQueryService>().DownloadAsync(exchange.Caller, body.Query, exchange.Aborted);
        var request = exchange.Http.Request;
        var url = $"{request.Scheme}://{request.Host}{request.PathBase}{Files}/{answer.Ticket}.csv";
        await exchange.WriteAsync(new UrlsAnswer([url], answer.IsRefreshing), StorageJson.Wire.UrlsAnswer);
    }

    private static async Task OpenAsync(HttpContext http)
    {
        var name = (string)http.Request.RouteValues["ticket"]!;
        var ticket = name.EndsWith(".csv", StringComparison.Ordinal) ? name[..^4] : name;
        await using var file =
            http.RequestServices.GetRequiredService<IQueryService>().OpenDownload(ticket)
            ?? throw new RequestException(404, "There is no such file, or its hour is over: query again.");
        http.Response.ContentType = "text/csv; charset=utf-8";
        http.Response.ContentLength = file.Length;
        http.Response.Headers.ContentDisposition = "attachment; filename=\"rows.csv\"";
        await file.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}

/// <summary>A statement.</summary>
internal sealed record QueryBody
{
    [Description("One SELECT over datasets_<slug>.models_<slug>.")]
    public required string Query { get; init; }
}

/// <summary>A statement whose rows become a file.</summary>
internal sealed record DownloadBody
{
    [Description("One SELECT over datasets_<slug>.models_<slug>.")]
    public required string Query { get; init; }

    [Description("csv.")]
    public DownloadFormat Format { get; init; }
}

internal enum DownloadFormat
{
    Csv,
    Parquet,
}

internal sealed record RowsAnswer(JsonElement Rows, bool IsRefreshing);

internal sealed record UrlsAnswer(IReadOnlyList<string> Urls, bool IsRefreshing);
