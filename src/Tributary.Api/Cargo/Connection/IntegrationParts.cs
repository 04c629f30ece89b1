using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Catalog;

namespace Tributary.Api.Cargo.Connection;

/// <summary>
/// The parts of an integration as the dialect writes them. Payloads call a schema's key <c>jsonSchema</c>, the client's
/// types <c>schema</c>: both are there. What is not known is left out, as in manifests.
/// </summary>
internal static class IntegrationParts
{
    public static JsonObject Map<T>(IReadOnlyDictionary<string, T> parts, Func<T, JsonObject> part)
    {
        var map = new JsonObject();
        foreach (var (slug, value) in parts)
        {
            map[slug] = part(value);
        }

        return map;
    }

    public static JsonObject Schema(SchemaPair pair)
    {
        var schema = new JsonObject { ["jsonSchema"] = Node(pair.JsonSchema), ["schema"] = Node(pair.JsonSchema) };
        if (pair.UiSchema is { } form)
        {
            schema["uiSchema"] = Node(form);
        }

        return schema;
    }

    public static JsonObject Connector(IntegrationDescription integration)
    {
        var connector = new JsonObject
        {
            ["config"] = Schema(integration.Config),
            ["caching"] = Caching(integration.CachingIsCompatible),
        };
        if (RateLimitAnswer.Of(integration.RateLimit) is { } limit)
        {
            connector["rateLimit"] = JsonSerializer.SerializeToNode(limit, CargoJson.Wire.RateLimitAnswer);
        }

        return connector;
    }

    public static JsonObject Action(ActionDescription action)
    {
        var result = Start(action.Raw, action.Name, action.Description, action.Config);
        result["isRateLimited"] = action.IsRateLimited;
        result["isSerialized"] = action.IsSerialized;
        result["caching"] = Caching(action.CachingIsCompatible);
        Add(result, "retry", Retry(action.Retry));
        if (action.ExecutingRetry is not null)
        {
            result["executing"] = new JsonObject
            {
                ["retry"] = Retry(action.ExecutingRetry),
                ["withRateLimit"] = action.ExecutingWithRateLimit,
            };
        }

        return result;
    }

    public static JsonObject Extractor(ExtractorDescription extractor)
    {
        var result = Start(extractor.Raw, extractor.Name, extractor.Description, extractor.Config);
        result["kind"] = extractor.Kind;
        result["mode"] = Mode(extractor.Mode);
        result["preview"] = extractor.Preview;
        Add(result, "retry", Retry(extractor.Retry));
        if (extractor.FetchingRetry is not null)
        {
            result["fetching"] = new JsonObject
            {
                ["retry"] = Retry(extractor.FetchingRetry),
                ["withRateLimit"] = extractor.FetchingWithRateLimit,
            };
        }

        result.TryAdd("unifications", new JsonArray());
        return result;
    }

    public static JsonObject Autocomplete(string slug, AutocompleteDescription autocomplete)
    {
        var result = new JsonObject { ["slug"] = slug, ["params"] = Schema(autocomplete.Params) };
        if (autocomplete.CacheExpirationInSeconds is { } seconds)
        {
            result["cacheExpirationInSeconds"] = seconds;
        }

        return result;
    }

    /// <summary>What the manifest of a custom integration says beside all that we understand is handed on as it is.</summary>
    private static JsonObject Start(JsonElement? raw, string name, string description, SchemaPair config)
    {
        var result = raw is { ValueKind: JsonValueKind.Object } ? (JsonObject)Node(raw.Value)! : [];
        result["name"] = name;
        result["description"] = description;
        result["config"] = Schema(config);
        return result;
    }

    private static JsonObject Mode(ExtractorMode mode)
    {
        if (!mode.IsFetch)
        {
            return new JsonObject { ["kind"] = "ingest", ["autoIngest"] = mode.AutoIngest };
        }

        var result = new JsonObject
        {
            ["kind"] = "fetch",
            ["isIncremental"] = mode.IsIncremental,
            ["isWatchable"] = mode.IsWatchable,
            ["autoFetch"] = mode.AutoFetch,
            ["writeStrategy"] = mode.Appends ? "append" : "overwrite",
        };
        if (mode.MinIntervalInSeconds is { } seconds)
        {
            result["minIntervalInSeconds"] = seconds;
        }

        return result;
    }

    private static JsonObject Caching(bool isCompatible) => new() { ["isCompatible"] = isCompatible };

    private static JsonObject? Retry(RetryDescription? retry)
    {
        if (retry is null)
        {
            return null;
        }

        var result = new JsonObject();
        Add(result, "maximumAttempts", retry.MaximumAttempts);
        Add(result, "initialInterval", retry.InitialInterval);
        Add(result, "backoffCoefficient", retry.BackoffCoefficient);
        return result;
    }

    private static void Add(JsonObject target, string name, JsonNode? value)
    {
        if (value is not null)
        {
            target[name] = value;
        }
    }

    private static JsonNode? Node(JsonElement json) => JsonNode.Parse(json.GetRawText());
}
