using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Api.Clarm.Runs;
using Tributary.Engine.Connectors;

namespace Tributary.Api.Clarm.Sources;

/// <summary>A source with what goes on.</summary>
internal sealed record SourceAnswer
{
    public required long Id { get; init; }
    public required Guid Uuid { get; init; }
    public required string Name { get; init; }
    public required string Type { get; init; }
    public required ConnectorStatus Status { get; init; }
    public required long Documents { get; init; }
    public required JsonElement Config { get; init; }

    /// <summary>Masked; in lists left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Credentials { get; init; }
    public required long CredentialId { get; init; }
    public required long? RefreshFreq { get; init; }
    public required long? PruneFreq { get; init; }
    public required ScheduleAnswer Schedule { get; init; }
    public required RunAnswer? CurrentRun { get; init; }
    public required RunAnswer? LastRun { get; init; }
    public required string? LastError { get; init; }
    public required bool InRepeatedErrorState { get; init; }
    public required long OpenFailures { get; init; }
    public required DateTimeOffset? LastSuccessAt { get; init; }
    public required DateTimeOffset? LastPrunedAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>As the Clarm dialect tells of it.</summary>
    public static SourceAnswer Of(ConnectorOverview overview, JsonElement? maskedCredentials)
    {
        var connector = overview.Connector;
        return new SourceAnswer
        {
            Id = connector.Id,
            Uuid = connector.Uuid,
            Name = connector.Name,
            Type = connector.IntegrationSlug,
            Status = connector.Status,
            Documents = connector.DocumentCount,
            Config = connector.Config,
            Credentials = maskedCredentials,
            CredentialId = connector.CredentialId,
            RefreshFreq = connector.RefreshFreq,
            PruneFreq = connector.PruneFreq,
            Schedule = new ScheduleAnswer(
                connector.RefreshFreq,
                connector.PruneFreq,
                connector.NextRefreshAt,
                connector.NextPruneAt
            ),
            CurrentRun = overview.CurrentRun is { } current ? RunAnswer.Of(current) : null,
            LastRun = overview.LastRun is { } last ? RunAnswer.Of(last) : null,
            LastError = connector.LastError,
            InRepeatedErrorState = connector.InRepeatedErrorState,
            OpenFailures = overview.OpenFailures,
            LastSuccessAt = connector.LastSuccessAt,
            LastPrunedAt = connector.LastPrunedAt,
            CreatedAt = connector.CreatedAt,
            UpdatedAt = connector.UpdatedAt,
        };
    }
}

/// <summary>When a source is read again.</summary>
internal sealed record ScheduleAnswer(
    long? RefreshFreq,
    long? PruneFreq,
    DateTimeOffset? NextRefreshAt,
    DateTimeOffset? NextPruneAt
);
