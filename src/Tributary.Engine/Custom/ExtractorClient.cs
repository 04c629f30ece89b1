using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tributary.Engine.Catalog;
using Tributary.Engine.Custom.Client;
using Tributary.Engine.Custom.Manifests;
using Tributary.Sdk;

namespace Tributary.Engine.Custom;

/// <inheritdoc cref="IExtractorClient"/>
internal sealed class ExtractorClient(
    CustomRegistry registry,
    CustomSettings settings,
    CustomSecrets secrets,
    CustomHttp http,
    ConditionalLimits conditional,
    CallRetries retry
) : IExtractorClient
{
    private const int MaxMetaBytes = 64 * 1024;
    private const long MaxCount = 1L << 53;

    // Models whose last page was not ready yet: asking again may be outside of the limits.
    private readonly ConcurrentDictionary<Guid, bool> _pending = new();

    public async Task<ExtractorPage> FetchAsync(
        ExtractorCall call,
        JsonElement? meta,
        bool isDry,
        CancellationToken cancellationToken
    )
    {
        var target = await TargetAsync(call, cancellationToken).ConfigureAwait(false);
        var body = Body(call, target);
        if (meta is { } position)
        {
            body["meta"] = CustomSettings.Node(position);
        }

        if (isDry)
        {
            body["isDryFetch"] = true;
        }

        IReadOnlyList<string> paths = target.IsOld ? ["/model/fetch", "/model/execute"] : [Path(call, "fetch")];
        var isPoll = _pending.ContainsKey(call.ModelUuid);
        var isLimited = !isPoll || target.Extractor.FetchingWithRateLimit;
        var (custom, answer) = await SendAsync(call, target, paths, body, isLimited, cancellationToken)
            .ConfigureAwait(false);
        var page = PageReader.Read(answer.Json, what => CustomHttp.Violation(custom, what));
        Bound(custom, page, meta);
        if (page.IsReady)
        {
            _pending.TryRemove(call.ModelUuid, out _);
        }
        else
        {
            _pending[call.ModelUuid] = true;
        }

        return page;
    }

    public async Task<long> CountAsync(ExtractorCall call, CancellationToken cancellationToken)
    {
        var target = await TargetAsync(call, cancellationToken).ConfigureAwait(false);
        var (custom, answer) = await SendAsync(
                call,
                target,
                [target.IsOld ? "/model/count" : Path(call, "count")],
                Body(call, target),
                isLimited: true,
                cancellationToken
            )
            .ConfigureAwait(false);
        return answer.Json.Whole("count") is >= 0 and <= MaxCount and var count
            ? count
            : throw CustomHttp.Violation(custom, "count should be a whole number, 0 or more.");
    }

    public Task<JsonElement?> CreateAsync(ExtractorCall call, CancellationToken cancellationToken) =>
        SetUpAsync(call, "create", "created", "notCreated", cancellationToken);

    public Task<JsonElement?> UpdateAsync(ExtractorCall call, CancellationToken cancellationToken) =>
        SetUpAsync(call, "update", "updated", "notUpdated", cancellationToken);

    public Task RemoveAsync(ExtractorCall call, CancellationToken cancellationToken)
    {
        _pending.TryRemove(call.ModelUuid, out _);
        return TellAsync(call, "remove", cancellationToken);
    }

    public Task PauseAsync(ExtractorCall call, CancellationToken cancellationToken) =>
        TellAsync(call, "pause", cancellationToken);

    public Task ResumeAsync(ExtractorCall call, CancellationToken cancellationToken) =>
        TellAsync(call, "resume", cancellationToken);

    /// <summary>Says something that nothing is answered to; a server that does not offer the call has nothing to do.</summary>
    private async Task TellAsync(ExtractorCall call, string verb, CancellationToken cancellationToken)
    {
        var target = await TargetAsync(call, cancellationToken).ConfigureAwait(false);
        var custom = Call(call, target, [Path(call, verb)], Body(call, target), isLimited: true, onlyReads: false);
        var answer = await http.SendAsync(custom, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess && answer.Status != 404)
        {
            throw CustomHttp.FailureOf(custom, answer);
        }
    }

    private async Task<JsonElement?> SetUpAsync(
        ExtractorCall call,
        string verb,
        string done,
        string refused,
        CancellationToken cancellationToken
    )
    {
        var target = await TargetAsync(call, cancellationToken).ConfigureAwait(false);
        var custom = Call(call, target, [Path(call, verb)], Body(call, target), isLimited: true, onlyReads: false);
        var answer = await http.SendAsync(custom, cancellationToken).ConfigureAwait(false);
        if (answer.Status == 404)
        {
            return null;
        }

        if (!answer.IsSuccess)
        {
            throw CustomHttp.FailureOf(custom, answer);
        }

        var outcome = answer.Json.Text("outcome");
        if (outcome == refused)
        {
            throw new EngineException(
                RefusalKind.Rejected,
                answer.ErrorMessage ?? "The integration cannot set this model up at its source.",
                "invalidConfig"
            );
        }

        // The old generation answered the new config as it is.
        return outcome == done ? answer.Json.Object("extraConfig")
            : outcome is null && answer.Json.Object("config") is { } config ? config
            : throw CustomHttp.Violation(custom, $"outcome is neither '{done}' nor '{refused}'.");
    }

    private async Task<(CustomCall Call, CustomAnswer Answer)> SendAsync(
        ExtractorCall call,
        Target target,
        IReadOnlyList<string> paths,
        JsonObject body,
        bool isLimited,
        CancellationToken cancellationToken
    )
    {
        var custom = Call(call, target, paths, body, isLimited, onlyReads: true);
        var key = CustomManifest.ExtractorKey(call.ExtractorSlug);
        var answer = await retry
            .SendAsync(
                target.Extractor.Retry,
                () =>
                    isLimited
                        ? conditional.SendAsync(
                            call.Connector,
                            key,
                            target.Integration.Manifest.Limits.GetValueOrDefault(key, []),
                            call.Config,
                            () => http.SendAsync(custom, cancellationToken),
                            cancellationToken
                        )
                        : http.SendAsync(custom, cancellationToken),
                cancellationToken
            )
            .ConfigureAwait(false);
        return answer.IsSuccess ? (custom, answer) : throw CustomHttp.FailureOf(custom, answer);
    }

    private static CustomCall Call(
        ExtractorCall call,
        Target target,
        IReadOnlyList<string> paths,
        JsonObject body,
        bool isLimited,
        bool onlyReads
    ) =>
        new(target.Server, paths, body)
        {
            Connector = isLimited ? call.Connector : null,
            Limits = isLimited ? ConnectorLimit.Of(call.Connector, target.Integration) : [],
            IsRun = true,
            OnlyReads = onlyReads,
            MaxAttempts = onlyReads && target.Extractor.Retry is not null ? 1 : null,
        };

    private async ValueTask<Target> TargetAsync(ExtractorCall call, CancellationToken cancellationToken)
    {
        var integration =
            await registry
                .FindAsync(call.Connector.WorkspaceId, call.Connector.IntegrationSlug, cancellationToken)
                .ConfigureAwait(false)
            ?? throw new SourceException(
                FailureKind.Configuration,
                $"The custom integration '{call.Connector.IntegrationSlug}' does not exist any more."
            );
        return new Target(
            integration,
            integration.Manifest.Description.Extractors.GetValueOrDefault(call.ExtractorSlug)
                ?? throw new SourceException(
                    FailureKind.Configuration,
                    $"'{integration.Slug}' offers no extractor '{call.ExtractorSlug}' any more."
                ),
            await secrets.ServerOfAsync(integration.Row, cancellationToken).ConfigureAwait(false),
            await settings.OfAsync(call.Connector, cancellationToken).ConfigureAwait(false)
        );
    }

    private static JsonObject Body(ExtractorCall call, Target target)
    {
        var body = new JsonObject
        {
            ["connector"] = CustomSettings.Connector(
                call.Connector.Uuid,
                target.Integration.Row.WorkspaceUuid,
                target.Config
            ),
            ["uuid"] = call.ModelUuid.ToString(),
            ["config"] = CustomSettings.Node(call.Config),
        };
        if (target.IsOld)
        {
            body["slug"] = call.ExtractorSlug;
        }

        return body;
    }

    private static void Bound(CustomCall call, ExtractorPage page, JsonElement? sent)
    {
        if (page.Meta is { } meta && JsonSerializer.SerializeToUtf8Bytes(meta).Length > MaxMetaBytes)
        {
            throw CustomHttp.Violation(call, "meta is larger than 64 KiB; it should hold a position only.");
        }

        var isSame =
            page.Meta is { } after && sent is { } before
                ? JsonElement.DeepEquals(after, before)
                : page.Meta is null && sent is null;
        if (page.IsReady && page.HasMore && page.Records.Count == 0 && isSame)
        {
            throw CustomHttp.Violation(
                call,
                "there is more, but the page has no records and meta has not changed: that would never end."
            );
        }
    }

    private static string Path(ExtractorCall call, string verb) =>
        $"/extractors/{Uri.EscapeDataString(call.ExtractorSlug)}/{verb}";

    private sealed record Target(
        LoadedIntegration Integration,
        ExtractorDescription Extractor,
        CustomServer Server,
        JsonElement Config
    )
    {
        public bool IsOld => Integration.Manifest.Generation == ContractGeneration.Old;
    }
}
