using System.Text;
using System.Text.RegularExpressions;
using Tributary.Engine.Store;
using Tributary.Engine.Workspaces;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Connectors;

/// <summary>What connectors may be called: their names, and their slugs, of which a workspace has each once.</summary>
internal sealed partial class ConnectorNames(IConnectorStore store)
{
    private const int MaxNameLength = 200;
    private const int MaxSlugLength = 64;

    /// <summary>Refuses a slug that is none, or that another connector of the workspace has.</summary>
    public async Task DemandSlugAsync(Caller caller, string slug, CancellationToken cancellationToken)
    {
        if (!SlugForm().IsMatch(slug))
        {
            throw new EngineException(
                RefusalKind.Rejected,
                $"A slug has 1 to {MaxSlugLength} letters, digits, _ and -, and starts with a letter or digit.",
                "invalidSlug"
            );
        }

        if (
            slug == BuiltInConnectors.Slug
            || await store.IsSlugTakenAsync(caller.WorkspaceId, slug, cancellationToken).ConfigureAwait(false)
        )
        {
            throw SlugTaken(slug);
        }
    }

    /// <summary>A slug made of the name, which no other connector of the workspace has.</summary>
    public async ValueTask<string> FreeSlugAsync(
        Caller caller,
        string name,
        Guid uuid,
        CancellationToken cancellationToken
    )
    {
        var slug = new StringBuilder(MaxSlugLength);
        foreach (var c in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(c);
            }
            else if (slug.Length > 0 && slug[^1] != '_')
            {
                slug.Append('_');
            }
        }

        var wanted = slug.ToString(0, Math.Min(slug.Length, MaxSlugLength - 9)).Trim('_');
        var isFree =
            wanted.Length > 0
            && wanted != BuiltInConnectors.Slug
            && !await store.IsSlugTakenAsync(caller.WorkspaceId, wanted, cancellationToken).ConfigureAwait(false);
        return isFree ? wanted : $"{(wanted.Length > 0 ? wanted : "connector")}_{uuid.ToString("N")[..8]}";
    }

    /// <summary>Refuses what is no name.</summary>
    public static void Demand(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength)
        {
            throw new EngineException([
                new SettingsProblem(
                    ["name"],
                    name.Length > MaxNameLength ? "string_too_long" : "string_too_short",
                    $"A name has 1 to {MaxNameLength} characters"
                ),
            ]);
        }
    }

    /// <summary>Another one of its kind has the name.</summary>
    public static EngineException NameTaken() =>
        new(RefusalKind.Rejected, "Connector by this name already exists, duplicate naming not allowed.");

    /// <summary>Another one has the slug.</summary>
    public static EngineException SlugTaken(string slug) =>
        new(RefusalKind.Conflict, $"The slug '{slug}' is taken: choose another.", "duplicateSlug");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z")]
    private static partial Regex SlugForm();
}
