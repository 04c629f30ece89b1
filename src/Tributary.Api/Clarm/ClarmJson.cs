using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tributary.Api.Clarm.Access;
using Tributary.Api.Clarm.Catalog;
using Tributary.Api.Clarm.Collections;
using Tributary.Api.Clarm.Files;
using Tributary.Api.Clarm.Onyx;
using Tributary.Api.Clarm.Push;
using Tributary.Api.Clarm.Runs;
using Tributary.Api.Clarm.Search;
using Tributary.Api.Clarm.Sources;
using Tributary.Engine.Audit;
using Tributary.Engine.Connectors;
using Tributary.Engine.Runs;
using Tributary.Engine.Workspaces;
using Tributary.Sdk;

namespace Tributary.Api.Clarm;

/// <summary>The dialect's answers in JSON: snake_case, nulls written, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [
        typeof(UpperCaseEnum<ConnectorStatus>),
        typeof(LowerCaseEnum<RunState>),
        typeof(LowerCaseEnum<RunKind>),
        typeof(LowerCaseEnum<FailureKind>),
        typeof(LowerCaseEnum<Role>),
        typeof(LowerCaseEnum<IntegrationKind>),
        typeof(LowerCaseEnum<IntegrationCategory>),
        typeof(LowerCaseEnum<DeletionDetection>),
    ]
)]
[JsonSerializable(typeof(CreateSourceAnswer))]
[JsonSerializable(typeof(IngestAnswer))]
[JsonSerializable(typeof(SourceAnswer))]
[JsonSerializable(typeof(Page<SourceAnswer>))]
[JsonSerializable(typeof(Page<SourceTypeAnswer>))]
[JsonSerializable(typeof(Page<DocumentAnswer>))]
[JsonSerializable(typeof(Page<FailureAnswer>))]
[JsonSerializable(typeof(Page<SkippedAnswer>))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(Page<RunAnswer>))]
[JsonSerializable(typeof(CollectionAnswer))]
[JsonSerializable(typeof(Page<CollectionAnswer>))]
[JsonSerializable(typeof(SearchAnswer))]
[JsonSerializable(typeof(UploadAnswer))]
[JsonSerializable(typeof(FileAnswer))]
[JsonSerializable(typeof(Page<FileAnswer>))]
[JsonSerializable(typeof(PushAnswer))]
[JsonSerializable(typeof(IngestionAnswer))]
[JsonSerializable(typeof(IAsyncEnumerable<PushedDocumentAnswer>))]
[JsonSerializable(typeof(IReadOnlyList<PushedDocumentAnswer>))]
[JsonSerializable(typeof(IntegrationAnswer))]
[JsonSerializable(typeof(Page<IntegrationAnswer>))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(Page<TokenAnswer>))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(Page<UserAnswer>))]
[JsonSerializable(typeof(WorkspaceAnswer))]
[JsonSerializable(typeof(MeAnswer))]
[JsonSerializable(typeof(Page<AuditEntry>))]
[JsonSerializable(typeof(ConnectorSnapshot))]
[JsonSerializable(typeof(IReadOnlyList<ConnectorSnapshot>))]
[JsonSerializable(typeof(ConnectorFilesAnswer))]
[JsonSerializable(typeof(CredentialSnapshot))]
[JsonSerializable(typeof(IReadOnlyList<CredentialSnapshot>))]
[JsonSerializable(typeof(IReadOnlyList<PairAnswer>))]
[JsonSerializable(typeof(IReadOnlyList<FailedPairAnswer>))]
[JsonSerializable(typeof(IReadOnlyList<BriefPairAnswer>))]
[JsonSerializable(typeof(IReadOnlyList<SourceStatusAnswer>))]
[JsonSerializable(typeof(IndexedSourcesAnswer))]
[JsonSerializable(typeof(PairInfoAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(MessageAnswer))]
[JsonSerializable(typeof(NumberedPage<AttemptAnswer>))]
[JsonSerializable(typeof(NumberedPage<FailureAnswer>))]
[JsonSerializable(typeof(IReadOnlyList<DocumentSetAnswer>))]
[JsonSerializable(typeof(ApiKeyAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ApiKeyAnswer>))]
[JsonSerializable(typeof(DateTimeOffset?))]
[JsonSerializable(typeof(long))]
internal sealed partial class ClarmJson : JsonSerializerContext
{
    /// <summary>As <see cref="Default"/>, with letters of all languages as they are: these answers are never put into HTML unescaped.</summary>
    public static ClarmJson Wire => Relaxed.Context;

    // A class of its own, since the order of static members over generated and written files is not defined.
    private static class Relaxed
    {
        public static readonly ClarmJson Context = new(
            new JsonSerializerOptions(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        );
    }
}

/// <summary>Enum values as <c>initial_indexing</c>.</summary>
internal sealed class LowerCaseEnum<T>()
    : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>Enum values as <c>INITIAL_INDEXING</c>.</summary>
internal sealed class UpperCaseEnum<T>()
    : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseUpper, allowIntegerValues: false)
    where T : struct, Enum;
