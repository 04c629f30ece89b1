using System.Text.Json;

namespace Tributary.Contract.Specs;

/// <summary>Where a vendor's description is known to be wrong: <c>deviations.json</c>, the one list of them.</summary>
public static class Deviations
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Deviation> All { get; } =
        JsonSerializer.Deserialize<List<Deviation>>(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "deviations.json")),
            Json
        )!;

    /// <summary>Whether the description is at fault, not the exchange.</summary>
    public static bool Excuse(Violation violation) =>
        All.Any(item =>
            item.Vendor == violation.Vendor && item.Operation == violation.Operation && item.Path == violation.Path
        );
}

/// <summary>A place where a description is wrong.</summary>
/// <param name="Vendor">The folder of descriptions.</param>
/// <param name="Operation">As in a violation: "GET /topics/{id}".</param>
/// <param name="Path">As in a violation.</param>
/// <param name="Reason">What the vendor really does, and how that is known.</param>
public sealed record Deviation(string Vendor, string Operation, string Path, string Reason);
