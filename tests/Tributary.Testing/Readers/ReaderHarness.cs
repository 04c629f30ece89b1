using System.Text;
using System.Text.Json;
using Tributary.Sdk;
using Tributary.Sdk.Actions;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Content;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;

namespace Tributary.Testing.Readers;

/// <summary>
/// Runs a reader as the engine would, with everything in memory: what a run yields becomes durable (documents, work list,
/// position) at its checkpoints and at its good end; a crash or an exception throws away what came after the last one.
/// </summary>
/// <example><code>
/// await using var server = await LoopbackServer.StartAsync(…);
/// using var harness = new ReaderHarness(new WebIntegration(), new WebConfig { BaseUrl = … });
/// var run = await harness.ReadAsync();                    // to the end
/// var part = await harness.ReadAsync(crashAfter: 7);      // dies when it has yielded seven items
/// harness.Documents.Keys.ShouldBe(await harness.ListAsync(), ignoreOrder: true);
/// </code></example>
public sealed class ReaderHarness : IDisposable, IKnownDocuments
{
    private const int MaxBytes = 64 * 1024;

    private readonly Integration _integration;
    private readonly InMemoryWorkList _readWork = new();
    private readonly Dictionary<string, Document> _documents = new(StringComparer.Ordinal);
    private TokensInMemory? _tokens;
    private bool _readsFromBeginning;
    private bool _wasCutOff;

    public ReaderHarness(Integration integration, object config, object? credentials = null)
    {
        _integration = integration;
        Config = config;
        Credentials = credentials ?? Activator.CreateInstance(integration.CredentialsType)!;
    }

    /// <summary>May be changed between runs.</summary>
    public object Config { get; set; }

    public object Credentials { get; set; }

    public HttpClient Http { get; init; } = HarnessHttp.Create();

    public TimeProvider Time { get; init; } = new ManualTime();

    /// <summary>The OAuth client that the operator has configured, for tokens that people have consented to.</summary>
    public OAuthClient? OAuthClient { get; init; }

    public HarnessFiles Files { get; } = new();

    /// <summary>Needed by readers of pages.</summary>
    public IHtmlConverter? Html { get; set; }

    /// <summary>Needed by readers of archives.</summary>
    public IContainerOpener? Containers { get; set; }

    public IPageRenderer? Renderer { get; set; }

    /// <summary>The documents that are committed, by id.</summary>
    public IReadOnlyDictionary<string, Document> Documents => _documents;

    /// <summary>The bytes of every file that was opened, by its document's id; the last ones that were read.</summary>
    public Dictionary<string, byte[]> FileBytes { get; } = new(StringComparer.Ordinal);

    /// <summary>The last committed position.</summary>
    public JsonElement? Checkpoint { get; private set; }

    /// <summary>The work list of reads.</summary>
    public InMemoryWorkList Work => _readWork;

    /// <summary>What the last run yielded, also when it ended with an exception.</summary>
    public HarnessRun LastRun { get; private set; } = new([], false);

    public Task CheckAsync(CancellationToken cancellationToken = default) =>
        MakeReader(_readWork).CheckAsync(cancellationToken);

    /// <summary>One run, from the last committed checkpoint on.</summary>
    /// <param name="fromBeginning">A reindex; one that was cut off is gone on with by another such call.</param>
    /// <param name="crashAfter">The process dies when this many items (checkpoints included) were yielded.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<HarnessRun> ReadAsync(
        bool fromBeginning = false,
        int crashAfter = int.MaxValue,
        CancellationToken cancellationToken = default
    )
    {
        if (fromBeginning && !(_wasCutOff && _readsFromBeginning))
        {
            Checkpoint = null;
        }

        _readsFromBeginning = fromBeginning;
        _wasCutOff = true;
        var items = new List<ReadItem>();
        var uncommitted = new List<ReadItem>();
        LastRun = new HarnessRun(items, true);
        try
        {
            var request = new ReadRequest(Checkpoint, fromBeginning);
            await foreach (
                var item in MakeReader(_readWork)
                    .ReadAsync(request, cancellationToken)
                    .WithCancellation(cancellationToken)
            )
            {
                Verify(item);
                await OpenFileAsync(item, cancellationToken);
                items.Add(item);
                uncommitted.Add(item);
                if (item is ReadItem.Checkpoint checkpoint)
                {
                    Commit(uncommitted);
                    Checkpoint = checkpoint.Position.Clone();
                }

                if (items.Count >= crashAfter)
                {
                    return LastRun;
                }
            }

            Commit(uncommitted);
            _wasCutOff = false;
            return LastRun = new HarnessRun(items, false);
        }
        finally
        {
            _readWork.Crash();
        }
    }

    /// <summary>One run as <see cref="ReadAsync"/> does it, item by item, so that a test may act in between.</summary>
    public async IAsyncEnumerable<ReadItem> StreamReadAsync()
    {
        _readsFromBeginning = false;
        _wasCutOff = true;
        var uncommitted = new List<ReadItem>();
        try
        {
            await foreach (var item in MakeReader(_readWork).ReadAsync(new ReadRequest(Checkpoint), default))
            {
                Verify(item);
                await OpenFileAsync(item, default);
                uncommitted.Add(item);
                if (item is ReadItem.Checkpoint checkpoint)
                {
                    Commit(uncommitted);
                    Checkpoint = checkpoint.Position.Clone();
                }

                yield return item;
            }

            Commit(uncommitted);
            _wasCutOff = false;
        }
        finally
        {
            _readWork.Crash();
        }
    }

    /// <summary>The items of one run as they come; nothing is kept and nothing becomes durable. For tests of memory.</summary>
    public IAsyncEnumerable<ReadItem> StreamAsync(CancellationToken cancellationToken = default) =>
        MakeReader(new InMemoryWorkList()).ReadAsync(new ReadRequest(null), cancellationToken);

    /// <summary>A listing, with a work list of its own.</summary>
    public async Task<List<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        _readsFromBeginning = false;
        var ids = new List<string>();
        await foreach (var id in MakeReader(new InMemoryWorkList()).ListAsync(cancellationToken))
        {
            ids.Add(id);
        }

        return ids;
    }

    /// <summary>What the engine would answer: nothing in a read from the beginning.</summary>
    public async ValueTask<IReadOnlyDictionary<string, KnownDocument>> GetAsync(
        IReadOnlyCollection<string> ids,
        CancellationToken cancellationToken
    )
    {
        await Task.Yield();
        return ids.Where(id => !_readsFromBeginning && _documents.ContainsKey(id))
            .Distinct()
            .ToDictionary(id => id, id => new KnownDocument(_documents[id].Version, _documents[id].Note));
    }

    public void Dispose() => Http.Dispose();

    /// <summary>Does an action, as the engine would.</summary>
    public Task<ActionResult> ExecuteAsync(
        IntegrationAction action,
        object input,
        CancellationToken cancellationToken = default
    ) => action.ExecuteAsync(Context(new InMemoryWorkList()), Config, Credentials, input, cancellationToken);

    private IReader MakeReader(IWorkList work) => _integration.CreateReader(Context(work), Config, Credentials);

    private ReaderContext Context(IWorkList work) =>
        new()
        {
            Http = Authenticated(),
            Time = Time,
            Known = this,
            Work = work,
            Files = Files,
            Html = Html!,
            Containers = Containers!,
            Renderer = Renderer,
        };

    private HttpClient Authenticated() =>
        new(
            new AuthenticatingHandler(
                _integration.AuthenticationFor(Config, Credentials),
                _tokens ??= new TokensInMemory(Time),
                new TokenChannel(Http, Time, OAuthClient)
            )
            {
                InnerHandler = new ClientHandler(Http),
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

    private void Commit(List<ReadItem> uncommitted)
    {
        foreach (var item in uncommitted)
        {
            if (item is ReadItem.Found { Document: var document } && !IsKnownVersion(document))
            {
                _documents[document.Id] = document;
            }
            else if (item is ReadItem.Deleted { DocumentId: var id })
            {
                _documents.Remove(id);
            }
        }

        uncommitted.Clear();
        _readWork.Commit();
    }

    private bool IsKnownVersion(Document document) =>
        document.Version is { } version
        && !_readsFromBeginning
        && _documents.GetValueOrDefault(document.Id)?.Version == version;

    private async Task OpenFileAsync(ReadItem item, CancellationToken cancellationToken)
    {
        if (item is ReadItem.Found { Document: { File: { } file } document } && !IsKnownVersion(document))
        {
            await using var stream = await file.OpenAsync(cancellationToken);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, cancellationToken);
            FileBytes[document.Id] = bytes.ToArray();
        }
    }

    private void Verify(ReadItem item)
    {
        var fault = item switch
        {
            ReadItem.Found { Document: { Id.Length: 0 or > 2_000 } document } =>
                $"The id '{document.Id}' is empty or long.",
            ReadItem.Found { Document: { Note: { } note } document } when Encoding.UTF8.GetByteCount(note) > MaxBytes =>
                $"The note of {document.Id} is too large.",
            ReadItem.Unchanged unchanged when _readsFromBeginning || !_documents.ContainsKey(unchanged.DocumentId) =>
                $"{unchanged.DocumentId} is not known, so it cannot be unchanged.",
            ReadItem.Checkpoint { Position: var position }
                when position.ValueKind != JsonValueKind.Object
                    || Encoding.UTF8.GetByteCount(position.GetRawText()) > MaxBytes =>
                "A position is a JSON object of at most 64 KiB.",
            _ => null,
        };
        if (fault is not null)
        {
            throw new InvalidOperationException(fault);
        }
    }
}

/// <summary>What one run yielded.</summary>
/// <param name="Items">In order.</param>
/// <param name="WasCutOff">It crashed or threw.</param>
public sealed record HarnessRun(IReadOnlyList<ReadItem> Items, bool WasCutOff)
{
    public IReadOnlyList<Document> Found => [.. Items.OfType<ReadItem.Found>().Select(item => item.Document)];

    public IReadOnlyList<string> Unchanged => [.. Items.OfType<ReadItem.Unchanged>().Select(item => item.DocumentId)];

    public IReadOnlyList<string> Deleted => [.. Items.OfType<ReadItem.Deleted>().Select(item => item.DocumentId)];

    public IReadOnlyList<ReadItem.Failed> Failed => [.. Items.OfType<ReadItem.Failed>()];

    public IReadOnlyList<ReadItem.Skipped> Skipped => [.. Items.OfType<ReadItem.Skipped>()];

    public int Checkpoints => Items.Count(item => item is ReadItem.Checkpoint);
}
