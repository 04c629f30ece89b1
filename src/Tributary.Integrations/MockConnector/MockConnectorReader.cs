using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using Tributary.Sdk;
using Tributary.Sdk.Http;
using Tributary.Sdk.Reading;

namespace Tributary.Integrations.MockConnector;

internal sealed class MockConnectorReader(ReaderContext context, Uri server) : IReader
{
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ScriptAsync(cancellationToken);
        }
        catch (SourceException exception) when (exception.Kind is FailureKind.Transient or FailureKind.Configuration)
        {
            // At creation time a server that is not there is a wrong address, not a passing fault.
            throw new SourceException(
                FailureKind.Configuration,
                $"The script cannot be fetched. {exception.Message} A server in a private network is reached only when "
                    + "the operator has allowed the network in AllowedNetworks.",
                exception
            )
            {
                Member = "config.mock_server_host",
            };
        }
    }

    public async IAsyncEnumerable<ReadItem> ReadAsync(
        ReadRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // Only a run that was cut off is gone on with; after a good end the next one begins anew.
        var checkpoint = request.CheckpointAs<MockCheckpoint>() is { HasMore: true } last ? last : MockCheckpoint.Start;
        var steps = await ScriptAsync(cancellationToken);
        for (var call = 0; checkpoint.HasMore; call++)
        {
            await AddCheckpointAsync(checkpoint, cancellationToken);
            if (call >= steps.Count)
            {
                throw new SourceException(
                    FailureKind.Source,
                    $"The script has {steps.Count} steps, but step {call + 1} was asked for: let its last step say has_more: false."
                );
            }

            var step = steps[call];
            if (step.UnhandledException is { } crash)
            {
                throw new SourceException(FailureKind.Source, crash);
            }

            foreach (var document in step.Scripted)
            {
                yield return new ReadItem.Found(document.ToDocument(IdOf(document)));
            }

            foreach (var failure in (step.Failures ?? []).OfType<MockFailure>())
            {
                yield return new ReadItem.Failed(
                    failure.FailedDocument?.DocumentId ?? failure.FailedEntity?.EntityId ?? $"step {call + 1}",
                    failure.FailedDocument?.DocumentLink,
                    failure.Reason
                );
            }

            checkpoint =
                step.Checkpoint
                ?? throw new SourceException(FailureKind.Source, $"Step {call + 1} of the script has no checkpoint.");
            yield return ReadItem.Checkpoint.From(checkpoint);
        }
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var steps = await ScriptAsync(cancellationToken);
        var live = steps.Any(step => step.LiveIds is not null)
            ? steps.SelectMany(step => step.LiveIds ?? [])
            : steps.SelectMany(step => step.Scripted).Select(IdOf);
        foreach (var id in live.Distinct())
        {
            yield return id;
        }
    }

    private static string IdOf(MockDocument document) =>
        document.Id is { Length: > 0 } id
            ? id
            : throw new SourceException(FailureKind.Source, "A document of the script has no id.");

    private async Task<IReadOnlyList<MockStep>> ScriptAsync(CancellationToken cancellationToken)
    {
        var steps = await context.Http.GetJsonAsync(
            new Uri(server, "get-documents"),
            MockConnectorJson.Default.IReadOnlyListMockStep,
            cancellationToken
        );
        return [.. steps.OfType<MockStep>()];
    }

    private async Task AddCheckpointAsync(MockCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "add-checkpoint"))
        {
            Content = JsonContent.Create(checkpoint, MockConnectorJson.Default.MockCheckpoint),
        };
        using var response = await context.Http.SendCheckedAsync(request, cancellationToken);
    }
}
