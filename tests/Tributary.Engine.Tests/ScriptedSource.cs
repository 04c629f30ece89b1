using System.Runtime.CompilerServices;
using System.Text;
using Tributary.Sdk;
using Tributary.Sdk.Documents;
using Tributary.Sdk.Reading;

namespace Tributary.Engine.Tests;

/// <summary>A source whose content and behaviour a test decides, read in pages of ten with a checkpoint each.</summary>
public sealed class ScriptedSource : Integration<ScriptedConfig, ScriptedCredentials>
{
    public const string SlugName = "scripted";
    private const int PageSize = 10;
    private int _filesOpened;

    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = SlugName,
            Name = "Scripted",
            Description = "For tests.",
            Category = IntegrationCategory.Custom,
        };

    /// <summary>What is live: id → text. The title is the id.</summary>
    public SortedDictionary<string, string> Items { get; } = new(StringComparer.Ordinal);

    /// <summary>Items with a version, by id.</summary>
    public Dictionary<string, string> Versions { get; } = [];

    /// <summary>Items that cannot be read, with the reason.</summary>
    public Dictionary<string, string> Broken { get; } = [];

    /// <summary>Items that come as files, whose opening this counts.</summary>
    public HashSet<string> Files { get; } = [];

    /// <summary>How often a file was opened.</summary>
    public int FilesOpened => Volatile.Read(ref _filesOpened);

    /// <summary>Called before each item is yielded, with its number in this read; may throw.</summary>
    public Func<int, Task> BeforeItem { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called before each id is listed; may throw.</summary>
    public Func<int, Task> BeforeListed { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the check throws; null passes it.</summary>
    public SourceException? CheckFailure { get; set; }

    /// <summary>What a read says instead of the items; null lets it say these.</summary>
    public IReadOnlyList<ReadItem>? Script { get; set; }

    /// <summary>The checkpoints that reads were begun with.</summary>
    public List<string?> Begun { get; } = [];

    protected override IReader CreateReader(
        ReaderContext context,
        ScriptedConfig config,
        ScriptedCredentials credentials
    ) => new Reader(this);

    private sealed record Position(string? After);

    private sealed class Reader(ScriptedSource source) : IReader
    {
        public Task CheckAsync(CancellationToken cancellationToken) =>
            source.CheckFailure is { } failure ? Task.FromException(failure) : Task.CompletedTask;

        public async IAsyncEnumerable<ReadItem> ReadAsync(
            ReadRequest request,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            source.Begun.Add(request.Checkpoint?.GetRawText());
            foreach (var item in source.Script ?? [])
            {
                yield return item;
            }

            if (source.Script is not null)
            {
                yield break;
            }

            var after = request.CheckpointAs<Position>()?.After;
            var number = 0;
            foreach (var (id, text) in source.Items.Where(item => string.CompareOrdinal(item.Key, after) > 0).ToList())
            {
                cancellationToken.ThrowIfCancellationRequested();
                await source.BeforeItem(number);
                yield return source.Broken.TryGetValue(id, out var reason)
                    ? new ReadItem.Failed(id, $"https://example.com/{id}", reason)
                    : new ReadItem.Found(source.Document(id, text));
                if (++number % PageSize == 0)
                {
                    yield return ReadItem.Checkpoint.From(new Position(id));
                }
            }

            yield return ReadItem.Checkpoint.From(new Position(null));
        }

        public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var number = 0;
            foreach (var id in source.Items.Keys.ToList())
            {
                cancellationToken.ThrowIfCancellationRequested();
                await source.BeforeListed(number++);
                yield return id;
            }
        }
    }

    /// <summary>An item as a read says it.</summary>
    public Document Document(string id, string text) =>
        new()
        {
            Id = id,
            Title = id,
            Link = $"https://example.com/{id}",
            Version = Versions.GetValueOrDefault(id),
            Sections = Files.Contains(id) ? [] : [new Section(text)],
            File = Files.Contains(id) ? File(id, text) : null,
        };

    private FileContent File(string id, string text) =>
        new()
        {
            Name = id,
            OpenAsync = _ =>
            {
                Interlocked.Increment(ref _filesOpened);
                return ValueTask.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text)));
            },
        };
}

public sealed record ScriptedConfig
{
    public IReadOnlyList<string> Uploads { get; init; } = [];
}

public sealed record ScriptedCredentials
{
    [Sdk.Settings.Secret]
    public string? Token { get; init; }

    public string? User { get; init; }
}
