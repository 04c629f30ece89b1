using System.Text.Json.Serialization;
using Tributary.Engine.Connectors;

namespace Tributary.Api.Cargo;

/// <summary>A dataset. Older readers look for kind and connector in <see cref="Config"/>, newer ones beside it.</summary>
internal sealed record DatasetAnswer
{
    public required Guid Uuid { get; init; }
    public required Guid WorkspaceUuid { get; init; }
    public required string Slug { get; init; }

    /// <summary><c>connector</c>, or <c>native</c> for the one that belongs to none.</summary>
    public required string Kind { get; init; }
    public required Guid? ConnectorUuid { get; init; }
    public required DatasetConfigAnswer Config { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required DateTimeOffset? DeletedAt { get; init; }

    /// <summary>A connector's dataset: it lives as long as the connector and has its slug.</summary>
    public static DatasetAnswer Of(Connector connector, Guid workspace) =>
        new()
        {
            Uuid = connector.DatasetUuid,
            WorkspaceUuid = workspace,
            Slug = connector.Slug,
            Kind = "connector",
            ConnectorUuid = connector.Uuid,
            Config = new DatasetConfigAnswer { Kind = "connector", ConnectorUuid = connector.Uuid },
            CreatedAt = connector.CreatedAt,
            UpdatedAt = connector.CreatedAt,
            DeletedAt = null,
        };

    /// <summary>The dataset that each workspace has from its beginning.</summary>
    public static DatasetAnswer Default(Engine.Workspaces.Workspace workspace) =>
        new()
        {
            Uuid = workspace.DatasetUuid,
            WorkspaceUuid = workspace.Uuid,
            Slug = "default",
            Kind = "native",
            ConnectorUuid = null,
            Config = new DatasetConfigAnswer { Kind = "object" },
            CreatedAt = workspace.CreatedAt,
            UpdatedAt = workspace.CreatedAt,
            DeletedAt = null,
        };
}

/// <summary>A dataset's kind as older readers find it.</summary>
internal sealed record DatasetConfigAnswer
{
    /// <summary><c>connector</c> or <c>object</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Left out when there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ConnectorUuid { get; init; }
}
