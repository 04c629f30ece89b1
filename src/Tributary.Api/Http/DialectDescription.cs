using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Tributary.Api.Cargo;
using Tributary.Engine.Connectors;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Http;

/// <summary>
/// Adds to the OpenAPI description of a dialect what its endpoints do by themselves: parameters of path and query,
/// authentication, and the shape of errors.
/// </summary>
internal sealed class DialectDescription : IOpenApiOperationTransformer, IOpenApiDocumentTransformer
{
    private const string ErrorName = "Error";
    private const string MistakesName = "ValidationError";

    /// <inheritdoc />
    public async Task TransformAsync(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        var description = context.Description.ActionDescriptor.EndpointMetadata.OfType<EndpointDescription>().Single();
        operation.Parameters = [.. PathParameters(context.Description.RelativePath!)];
        if (description.QueryType is { } query)
        {
            foreach (var member in SettingsSchema.For(query).Members)
            {
                operation.Parameters.Add(await QueryParameterAsync(member, context, cancellationToken));
            }
        }

        if (description.BodyType is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = !description.BodyIsOptional,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [description.BodyMediaType] = new() { Schema = await BodyAsync(body, context, cancellationToken) },
                },
            };
        }

        if (description.NeedsCaller)
        {
            operation.Security =
            [
                new() { [new OpenApiSecuritySchemeReference("bearer", context.Document)] = [] },
                new() { [new OpenApiSecuritySchemeReference("cookie", context.Document)] = [] },
            ];
            Add(operation, context, "401", ErrorName, "No valid token or session");
            Add(operation, context, "403", ErrorName, "The caller's role does not allow it");
        }

        if (context.DocumentName == CargoDialect.Name)
        {
            Add(operation, context, "400", ErrorName, "The request is of the wrong shape; every mistake is named");
        }
        else
        {
            Add(operation, context, "422", MistakesName, "The request is of the wrong shape; every mistake is named");
        }

        Add(operation, context, "default", ErrorName, "A rule forbids it, it does not exist, or something goes on");
    }

    /// <inheritdoc />
    public Task TransformAsync(
        OpenApiDocument document,
        OpenApiDocumentTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        document.Info.Title = $"Tributary, {context.DocumentName} dialect";
        document.Info.Version = typeof(DialectDescription).Assembly.GetName().Version!.ToString(3);
        document.AddComponent(
            "bearer",
            new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" }
        );
        document.AddComponent(
            "cookie",
            new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = Authentication.CookieName,
            }
        );
        if (context.DocumentName == CargoDialect.Name)
        {
            AddCargoErrors(document);
        }
        else
        {
            AddErrors(document);
        }

        AddSourceTypes(document, context.ApplicationServices.GetRequiredService<IIntegrationCatalog>());
        return Task.CompletedTask;
    }

    private static IEnumerable<IOpenApiParameter> PathParameters(string path) =>
        path.Split('/')
            .Where(part => part.StartsWith('{'))
            .Select(part => part.Trim('{', '}'))
            .Select(name => new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Path,
                Required = true,
                // Ids of files and pushed documents are text; all others count.
                Schema = new OpenApiSchema
                {
                    Type =
                        name.EndsWith("_id", StringComparison.Ordinal) && name is not ("file_id" or "document_id")
                            ? JsonSchemaType.Integer
                            : JsonSchemaType.String,
                },
            });

    private static async Task<IOpenApiSchema> BodyAsync(
        Type body,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        var schema = await context.GetOrCreateSchemaAsync(body, cancellationToken: cancellationToken);
        context.Document!.AddComponent(body.Name, schema);
        return new OpenApiSchemaReference(body.Name, context.Document);
    }

    private static async Task<OpenApiParameter> QueryParameterAsync(
        SettingsMember member,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        var schema = await context.GetOrCreateSchemaAsync(
            member.Property.PropertyType,
            cancellationToken: cancellationToken
        );
        if (member.Rules.OfType<RangeAttribute>().FirstOrDefault() is { } range)
        {
            schema.Minimum = Convert.ToString(range.Minimum, CultureInfo.InvariantCulture);
            schema.Maximum = Convert.ToString(range.Maximum, CultureInfo.InvariantCulture);
        }

        return new OpenApiParameter
        {
            Name = member.Name,
            In = ParameterLocation.Query,
            Required = member.IsRequired,
            Description = member.Description,
            Schema = schema,
        };
    }

    private static void Add(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        string status,
        string schema,
        string text
    ) =>
        (operation.Responses ??= []).TryAdd(
            status,
            new OpenApiResponse
            {
                Description = text,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new() { Schema = new OpenApiSchemaReference(schema, context.Document) },
                },
            }
        );

    private static void AddCargoErrors(OpenApiDocument document)
    {
        var text = new OpenApiSchema { Type = JsonSchemaType.String };
        var error = Object(("reason", text), ("errorMessage", text));
        error.Properties!["errors"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Items = Object(("path", text), ("message", text)),
        };
        document.AddComponent(ErrorName, error);
    }

    private static void AddErrors(OpenApiDocument document)
    {
        var text = new OpenApiSchema { Type = JsonSchemaType.String };
        var step = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Integer };
        var path = new OpenApiSchema { Type = JsonSchemaType.Array, Items = step };
        var mistake = Object(("loc", path), ("msg", text), ("type", text));
        document.AddComponent(ErrorName, Object(("detail", text)));
        document.AddComponent(
            MistakesName,
            Object(("detail", new OpenApiSchema { Type = JsonSchemaType.Array, Items = mistake }))
        );
    }

    private static OpenApiSchema Object(params (string Name, IOpenApiSchema Schema)[] members) =>
        new()
        {
            Type = JsonSchemaType.Object,
            Properties = members.ToDictionary(member => member.Name, member => member.Schema),
            Required = members.Select(member => member.Name).ToHashSet(),
        };

    private static void AddSourceTypes(OpenApiDocument document, IIntegrationCatalog catalog)
    {
        foreach (var (body, member) in ((string, string)[])[("CreateSourceBody", "type"), ("ConnectorBody", "source")])
        {
            if (
                document.Components?.Schemas?.TryGetValue(body, out var schema) == true
                && schema.Properties?.TryGetValue(member, out var found) == true
                && found is OpenApiSchema type
            )
            {
                type.Enum = [.. catalog.KnownTypes.Select(name => (JsonNode)name)];
            }
        }
    }
}
