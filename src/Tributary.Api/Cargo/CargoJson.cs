using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Api.Cargo;

/// <summary>How the Cargo dialect's answers look: camelCase members, null members sent, times in UTC to the millisecond.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(CargoTime)])]
[JsonSerializable(typeof(DatasetAnswer))]
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
