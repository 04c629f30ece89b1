namespace Tributary.Sdk.Documents;

/// <summary>A person who wrote or owns a document. At least one member is given.</summary>
/// <param name="Name">As the source shows it.</param>
/// <param name="Email">Lower-cased where it is compared.</param>
public sealed record Owner(string? Name, string? Email = null)
{
    /// <summary>What people read: the name, else the address.</summary>
    public override string ToString() => Name ?? Email ?? "";
}
