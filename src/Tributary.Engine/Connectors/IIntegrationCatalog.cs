using Tributary.Sdk;

namespace Tributary.Engine.Connectors;

/// <summary>The integrations of this version, and the names of those to come.</summary>
public interface IIntegrationCatalog
{
    /// <summary>Those that can be created, hidden ones included, in order of slug.</summary>
    IReadOnlyList<Integration> All { get; }

    /// <summary>The integration with this slug or alias (case-sensitive); null when there is none.</summary>
    Integration? Find(string slugOrAlias);

    /// <summary>All type names that the Clarm dialect knows, in its order, whether they can be read yet or not.</summary>
    IReadOnlyList<string> KnownTypes { get; }
}
