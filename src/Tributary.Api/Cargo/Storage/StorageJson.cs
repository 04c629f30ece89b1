using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Api.Cargo.Connection;

namespace Tributary.Api.Cargo.Storage;

/// <summary>How answers about models look; see <see cref="CargoJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(CargoTime)])]
[JsonSerializable(typeof(DatasetsEnvelope))]
[JsonSerializable(typeof(DatasetEnvelope))]
[JsonSerializable(typeof(ModelsEnvelope))]
[JsonSerializable(typeof(ModelEnvelope))]
[JsonSerializable(typeof(RefreshedModelEnvelope))]
[JsonSerializable(typeof(DdlAnswer))]
[JsonSerializable(typeof(ExistsAnswer))]
[JsonSerializable(typeof(PreviewAnswer))]
[JsonSerializable(typeof(CountAnswer))]
[JsonSerializable(typeof(RunsEnvelope))]
[JsonSerializable(typeof(RunEnvelope))]
[JsonSerializable(typeof(RecordEnvelope))]
[JsonSerializable(typeof(RecordsEnvelope))]
[JsonSerializable(typeof(WrittenRecordEnvelope))]
[JsonSerializable(typeof(WrittenRecordsEnvelope))]
[JsonSerializable(typeof(RowsAnswer))]
[JsonSerializable(typeof(UrlsAnswer))]
[JsonSerializable(typeof(ColumnsAnswer))]
[JsonSerializable(typeof(ValuesAnswer))]
[JsonSerializable(typeof(RelationshipEnvelope))]
[JsonSerializable(typeof(RelationshipsEnvelope))]
internal sealed partial class StorageJson : JsonSerializerContext
{
    /// <summary>With letters of all languages as they are.</summary>
    public static StorageJson Wire => Relaxed.Context;

    // A class of its own, since the order of static members over generated and written files is not defined.
    private static class Relaxed
    {
        public static readonly StorageJson Context = new(
            new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        );
    }
}
