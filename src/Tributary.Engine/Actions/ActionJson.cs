using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tributary.Engine.Actions;

/// <summary>How results are kept.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ActionAnswer))]
[JsonSerializable(typeof(IReadOnlyList<AutocompleteOption>))]
internal sealed partial class ActionJson : JsonSerializerContext;
