using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Tributary.Engine.Connectors;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Http;

/// <summary>Describes a dialect's endpoints in OpenAPI, from what they say of themselves when they are mapped.</summary>
internal sealed class DialectDescription : IOpenApiDocumentTransformer
{
    private const string ErrorName = "Error";
    private const string MistakesName = "ValidationError";

    /// <inheritdoc />
    public async Task TransformAsync(
        OpenApiDocument document,
        OpenApiDocumentTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        document.Info.Title = $"Tributary, {context.DocumentName} dialect";
        document.Info.Version = typeof(DialectDescription).Assembly.GetName().Version!.ToString(3);
        AddSecurity(document);
        AddErrors(document);
        var endpoints = context
            .ApplicationServices.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint =>
                endpoint.Metadata.GetMetadata<DialectName>()?.Name == context.DocumentName
                && endpoint.Metadata.GetMetadata<EndpointDescription>() is not null
                && endpoint.RoutePattern.RawText?.StartsWith("/api/", StringComparison.Ordinal) == false
            );
        foreach (var endpoint in endpoints)
        {
            var description = endpoint.Metadata.GetMetadata<EndpointDescription>()!;
            var method = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
            var path = endpoint.RoutePattern.RawText!;
            if (!document.Paths.TryGetValue(path, out var item))
            {
                document.Paths[path] = item = new OpenApiPathItem();
            }

            ((OpenApiPathItem)item).AddOperation(
                HttpMethod.Parse(method),
                await OperationAsync(document, context, endpoint, description, cancellationToken)
            );
        }

        AddSourceTypes(document, context.ApplicationServices.GetRequiredService<IIntegrationCatalog>());
    }

    private static async Task<OpenApiOperation> OperationAsync(
        OpenApiDocument document,
        OpenApiDocumentTransformerContext context,
        RouteEndpoint endpoint,
        EndpointDescription description,
        CancellationToken cancellationToken
    )
    {
        var operation = new OpenApiOperation
        {
            Summary = description.Summary,
            Tags = new HashSet<OpenApiTagReference> { new(description.Tag, document) },
            Parameters = [],
            Responses = [],
        };
        if (description.NeedsCaller)
        {
            operation.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] },
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("cookie", document)] = [] },
            ];
        }

        foreach (var parameter in endpoint.RoutePattern.Parameters)
        {
            operation.Parameters.Add(PathParameter(parameter.Name));
        }

        if (description.QueryType is { } query)
        {
            await AddQueryAsync(operation, query, context, cancellationToken);
        }

        if (description.BodyType is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = !description.BodyIsOptional,
                Content = Content(
                    description.BodyMediaType,
                    await SchemaAsync(document, context, body, cancellationToken)
                ),
            };
        }

        var answer = new OpenApiResponse { Description = "Done" };
        if (description.AnswerType is { } type)
        {
            answer.Content = Content("application/json", await SchemaAsync(document, context, type, cancellationToken));
        }

        operation.Responses[Text(description.Status)] = answer;
        AddErrors(document, operation, description);
        return operation;
    }

    private static OpenApiParameter PathParameter(string name) =>
        new()
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
        };

    private static async Task AddQueryAsync(
        OpenApiOperation operation,
        Type query,
        OpenApiDocumentTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        foreach (var member in SettingsSchema.For(query).Members)
        {
            var schema = await context.GetOrCreateSchemaAsync(
                member.Property.PropertyType,
                cancellationToken: cancellationToken
            );
            if (member.Rules.OfType<RangeAttribute>().FirstOrDefault() is { } range)
            {
                schema.Minimum = Text(range.Minimum);
                schema.Maximum = Text(range.Maximum);
            }

            operation.Parameters!.Add(
                new OpenApiParameter
                {
                    Name = member.Name,
                    In = ParameterLocation.Query,
                    Required = member.IsRequired,
                    Description = member.Description,
                    Schema = schema,
                }
            );
        }
    }

    private static async Task<IOpenApiSchema> SchemaAsync(
        OpenApiDocument document,
        OpenApiDocumentTransformerContext context,
        Type type,
        CancellationToken cancellationToken
    )
    {
        var schema = await context.GetOrCreateSchemaAsync(type, cancellationToken: cancellationToken);
        if (schema.Type != JsonSchemaType.Object)
        {
            return schema;
        }

        var name = type.IsGenericType
            ? string.Concat(type.GetGenericArguments().Select(argument => argument.Name)) + type.Name.Split('`')[0]
            : type.Name;
        document.AddComponent(name, schema);
        return new OpenApiSchemaReference(name, document);
    }

    private static Dictionary<string, OpenApiMediaType> Content(string mediaType, IOpenApiSchema schema) =>
        new() { [mediaType] = new OpenApiMediaType { Schema = schema } };

    private static void AddSecurity(OpenApiDocument document)
    {
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
    }

    private static void AddErrors(OpenApiDocument document)
    {
        document.AddComponent(
            ErrorName,
            Object(new() { ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String } })
        );
        var step = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Integer };
        var mistake = Object(
            new()
            {
                ["loc"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = step },
                ["msg"] = new OpenApiSchema { Type = JsonSchemaType.String },
                ["type"] = new OpenApiSchema { Type = JsonSchemaType.String },
            }
        );
        document.AddComponent(
            MistakesName,
            Object(
                new()
                {
                    ["detail"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = mistake },
                }
            )
        );
    }

    private static OpenApiSchema Object(Dictionary<string, IOpenApiSchema> members) =>
        new()
        {
            Type = JsonSchemaType.Object,
            Properties = members,
            Required = members.Keys.ToHashSet(),
        };

    private static void AddErrors(OpenApiDocument document, OpenApiOperation operation, EndpointDescription description)
    {
        void Add(string status, string name, string text) =>
            operation.Responses!.TryAdd(
                status,
                new OpenApiResponse
                {
                    Description = text,
                    Content = Content("application/json", new OpenApiSchemaReference(name, document)),
                }
            );

        if (description.NeedsCaller)
        {
            Add("401", ErrorName, "No valid token or session");
            Add("403", ErrorName, "The caller's role does not allow it");
        }

        Add("422", MistakesName, "The request is of the wrong shape; every mistake is named");
        Add("default", ErrorName, "A rule forbids it, it does not exist, or something goes on");
    }

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

    private static string Text(object number) =>
        Convert.ToString(number, System.Globalization.CultureInfo.InvariantCulture)!;
}
