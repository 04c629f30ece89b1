using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Tributary.Api.Cargo;

/// <summary>
/// Gives the members of this dialect's types their names in the API's description, which knows one naming for all: the
/// other dialect's. The answers themselves are written by <see cref="CargoJson"/>.
/// </summary>
internal static class CargoNames
{
    public static void Apply(JsonTypeInfo type)
    {
        if (
            type.Kind != JsonTypeInfoKind.Object
            || type.Type.Namespace?.StartsWith(typeof(CargoNames).Namespace!, StringComparison.Ordinal) != true
        )
        {
            return;
        }

        foreach (var property in type.Properties)
        {
            if (
                property.AttributeProvider is PropertyInfo member
                && !member.IsDefined(typeof(JsonPropertyNameAttribute), inherit: true)
            )
            {
                property.Name = JsonNamingPolicy.CamelCase.ConvertName(member.Name);
            }
        }
    }
}
