using System.Text.Json;

namespace Tributary.Engine.Models;

/// <summary>What a relationship has to be, and a column that goes along one.</summary>
internal sealed class RelationshipRules(IModelStore models)
{
    private const int MaxRelationships = 500;
    private static readonly string[] Relations = ["oneToOne", "oneToMany", "manyToOne"];

    /// <summary>Refuses metric and lookup columns that lead nowhere.</summary>
    public async Task DemandAsync(long workspaceId, JsonElement column, CancellationToken cancellationToken)
    {
        var isFine = ColumnRules.Text(column, "kind") switch
        {
            "metric" => ReadUuid(column, "relationshipUuid") is { } uuid
                && (await models.ListRelationshipsAsync(workspaceId, cancellationToken).ConfigureAwait(false)).Any(
                    relationship => relationship.Uuid == uuid
                ),
            "lookup" => column.TryGetProperty("join", out var join)
                && join.ValueKind == JsonValueKind.Object
                && ReadUuid(join, "toModelUuid") is { } to
                && await models.FindAsync(workspaceId, to, cancellationToken).ConfigureAwait(false) is not null,
            _ => true,
        };
        if (!isFine)
        {
            throw new EngineException(
                RefusalKind.Rejected,
                "A metric column names a relationship (relationshipUuid), a lookup column a model (join.toModelUuid), and this one names none of the workspace.",
                "invalidRelationship"
            );
        }
    }

    /// <summary>Reads a dataset's relationships. All their models are of the workspace, and the ones that they lead from of the dataset.</summary>
    public async Task<IReadOnlyList<Relationship>> ReadAsync(
        long workspaceId,
        Guid dataset,
        IReadOnlyList<JsonElement> sent,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (sent.Count > MaxRelationships)
        {
            throw Invalid($"A dataset takes {MaxRelationships} relationships.");
        }

        var stored = (await models.ListRelationshipsAsync(workspaceId, cancellationToken).ConfigureAwait(false))
            .Where(relationship => relationship.DatasetUuid == dataset)
            .ToDictionary(relationship => relationship.Uuid);
        var result = new List<Relationship>(sent.Count);
        foreach (var json in sent)
        {
            var (from, to) = Ends(json);
            var fromModel = await models.FindAsync(workspaceId, from, cancellationToken).ConfigureAwait(false);
            var toModel = await models.FindAsync(workspaceId, to, cancellationToken).ConfigureAwait(false);
            if (fromModel is null || toModel is null)
            {
                throw Invalid($"There is no model {(fromModel is null ? from : to)}.");
            }

            if (fromModel.DatasetUuid != dataset)
            {
                throw new EngineException(
                    RefusalKind.Rejected,
                    $"The model '{fromModel.Slug}' is of another dataset.",
                    "modelNotCompatible"
                );
            }

            // An id that is not this dataset's is not taken over from wherever it was read.
            var known = ReadUuid(json, "uuid") is { } uuid ? stored.GetValueOrDefault(uuid) : null;
            result.Add(
                new Relationship
                {
                    Uuid = known?.Uuid ?? Guid.NewGuid(),
                    DatasetUuid = dataset,
                    FromModelUuid = from,
                    ToModelUuid = to,
                    Definition = json,
                    CreatedAt = known?.CreatedAt ?? now,
                    UpdatedAt = now,
                }
            );
        }

        return result.Select(relationship => relationship.Uuid).Distinct().Count() == result.Count
            ? result
            : throw Invalid("Two of them have the same uuid.");
    }

    private static (Guid From, Guid To) Ends(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object
        && ReadUuid(json, "fromModelUuid") is { } from
        && ReadUuid(json, "toModelUuid") is { } to
        && ColumnRules.Text(json, "fromColumnSlug") is { Length: > 0 }
        && ColumnRules.Text(json, "toColumnSlug") is { Length: > 0 }
        && Relations.Contains(ColumnRules.Text(json, "relation"))
            ? (from, to)
            : throw Invalid(
                $"Each has fromModelUuid, fromColumnSlug, toModelUuid, toColumnSlug and a relation ({string.Join(", ", Relations)})."
            );

    private static Guid? ReadUuid(JsonElement json, string member) =>
        Guid.TryParse(ColumnRules.Text(json, member), out var uuid) ? uuid : null;

    private static EngineException Invalid(string message) =>
        new(RefusalKind.Rejected, message, "invalidRelationships");
}
