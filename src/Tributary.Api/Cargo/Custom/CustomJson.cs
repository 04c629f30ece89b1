using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Api.Cargo.Custom;

/// <summary>The answers of this folder in JSON; see <see cref="CargoJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(CargoTime)])]
[JsonSerializable(typeof(CustomIntegrationEnvelope))]
[JsonSerializable(typeof(FoundCustomIntegrationEnvelope))]
[JsonSerializable(typeof(CustomIntegrationsEnvelope))]
[JsonSerializable(typeof(ActionResultAnswer))]
[JsonSerializable(typeof(ActionValidityAnswer))]
[JsonSerializable(typeof(AutocompleteResultsAnswer))]
[JsonSerializable(typeof(DynamicSchemaAnswer))]
internal sealed partial class CustomJson : JsonSerializerContext
{
    /// <summary>As <see cref="Default"/>, with letters of all languages as they are: these answers are never put into HTML unescaped.</summary>
    public static CustomJson Wire => Relaxed.Context;

    // A class of its own, since the order of static members over generated and written files is not defined.
    private static class Relaxed
    {
        public static readonly CustomJson Context = new(
            new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        );
    }
}
