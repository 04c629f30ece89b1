using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Api.Cargo.Connection;
using Tributary.Api.Cargo.Workspace;

namespace Tributary.Api.Cargo;

/// <summary>How the Cargo dialect's answers look: camelCase members, null members sent, times in UTC to the millisecond.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(CargoTime)])]
[JsonSerializable(typeof(DatasetAnswer))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(ConnectorEnvelope))]
[JsonSerializable(typeof(ConnectorsEnvelope))]
[JsonSerializable(typeof(CreatedConnectorEnvelope))]
[JsonSerializable(typeof(ExistsAnswer))]
[JsonSerializable(typeof(LanguageModelsEnvelope))]
[JsonSerializable(typeof(IntegrationEnvelope))]
[JsonSerializable(typeof(IntegrationsEnvelope))]
[JsonSerializable(typeof(NativeIntegrationEnvelope))]
[JsonSerializable(typeof(ConsentAnswer))]
[JsonSerializable(typeof(OAuthAnswer))]
[JsonSerializable(typeof(UserEnvelope))]
[JsonSerializable(typeof(UsersEnvelope))]
[JsonSerializable(typeof(WorkspaceEnvelope))]
[JsonSerializable(typeof(WorkspacesEnvelope))]
[JsonSerializable(typeof(RolesEnvelope))]
[JsonSerializable(typeof(FoldersEnvelope))]
[JsonSerializable(typeof(TokenEnvelope))]
[JsonSerializable(typeof(TokensEnvelope))]
[JsonSerializable(typeof(InitAnswer))]
internal sealed partial class CargoJson : JsonSerializerContext
{
    /// <summary>As <see cref="Default"/>, with letters of all languages as they are: these answers are never put into HTML unescaped.</summary>
    public static CargoJson Wire => Relaxed.Context;

    // A class of its own, since the order of static members over generated and written files is not defined.
    private static class Relaxed
    {
        public static readonly CargoJson Context = new(
            new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        );
    }
}

/// <summary>Times as <c>2025-01-15T00:01:00.000Z</c>.</summary>
internal sealed class CargoTime : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
}
