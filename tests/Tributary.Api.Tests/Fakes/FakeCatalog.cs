using System.ComponentModel.DataAnnotations;
using Tributary.Engine.Connectors;
using Tributary.Sdk;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Api.Tests.Fakes;

/// <summary>Three integrations with settings, and all names of the dialect.</summary>
internal sealed class FakeCatalog : IIntegrationCatalog
{
    public IReadOnlyList<Integration> All { get; } =
    [
        new FakeIntegration<FileConfig, NoCredentials>(
            new()
            {
                Slug = "file",
                Name = "Files",
                Description = "Uploaded files.",
                Category = IntegrationCategory.Storage,
            }
        ),
        new FakeIntegration<GitHubConfig, GitHubCredentials>(
            new()
            {
                Slug = "github",
                Name = "GitHub",
                Description = "Issues and pull requests.",
                Category = IntegrationCategory.Development,
                AuthKinds = ["api_key"],
                Capabilities = new() { Incremental = true },
            }
        ),
        new FakeIntegration<NoConfig, NoCredentials>(
            new()
            {
                Slug = "ingestion_api",
                Name = "Push",
                Description = "Your own programs.",
                Category = IntegrationCategory.Custom,
                Kind = IntegrationKind.Push,
                AcceptsAnySettings = true,
            }
        ),
        new FakeIntegration<NoConfig, NoCredentials>(
            new()
            {
                Slug = "mock_connector",
                Name = "Mock",
                Description = "Nothing.",
                Category = IntegrationCategory.Custom,
                Kind = IntegrationKind.Inert,
                AcceptsAnySettings = true,
                IsHidden = true,
            }
        ),
        new FakeIntegration<WebConfig, WebCredentials>(
            new()
            {
                Slug = "web",
                Name = "Web",
                Description = "Web sites.",
                Category = IntegrationCategory.Knowledge,
                Documentation = "# Web",
            }
        ),
    ];

    public IReadOnlyList<string> KnownTypes { get; } =
        (
            "ingestion_api slack web google_drive gmail requesttracker github gitbook gitlab guru bookstack confluence slab "
            + "jira productboard file notion zulip linear hubspot document360 gong google_sites zendesk loopio dropbox "
            + "sharepoint outlook OUTLOOK teams salesforce discourse axero clickup mediawiki wikipedia asana s3 r2 "
            + "google_cloud_storage oci_storage xenforo not_applicable discord freshdesk fireflies egnyte airtable highspot "
            + "bookface mock_connector"
        ).Split(' ');

    public Integration? Find(string slugOrAlias) =>
        All.FirstOrDefault(integration => integration.Manifest.Slug == slugOrAlias);

    private sealed class FakeIntegration<TConfig, TCredentials>(IntegrationManifest manifest)
        : Integration<TConfig, TCredentials>
        where TConfig : class
        where TCredentials : class
    {
        public override IntegrationManifest Manifest => manifest;

        protected override IReader CreateReader(ReaderContext context, TConfig config, TCredentials credentials) =>
            new EmptyReader(context, $"{config} {credentials}");
    }

    /// <summary>
    /// A source that is always there and always empty; one whose settings say "refused" lets nobody in, one with "asked" is
    /// asked first, in vain.
    /// </summary>
    private sealed class EmptyReader(ReaderContext context, string settings) : IReader
    {
        public async Task CheckAsync(CancellationToken cancellationToken)
        {
            if (settings.Contains("asked", StringComparison.Ordinal))
            {
                using var answer = await context.Http.GetAsync("http://127.0.0.1:9/", cancellationToken);
            }

            if (settings.Contains("refused", StringComparison.Ordinal))
            {
                throw new SourceException(FailureKind.Credentials, "The source refuses the token.");
            }
        }

        public IAsyncEnumerable<ReadItem> ReadAsync(ReadRequest request, CancellationToken cancellationToken) =>
            AsyncEnumerable.Empty<ReadItem>();

        public IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken) =>
            AsyncEnumerable.Empty<string>();
    }

    private enum Crawl
    {
        Recursive,
        Single,
        Sitemap,
        Upload,
    }

    private sealed record WebConfig
    {
        public required string BaseUrl { get; init; }
        public Crawl WebConnectorType { get; init; }
    }

    private sealed record WebCredentials
    {
        [Secret]
        public string? AToken { get; init; }
    }

    private sealed record FileConfig
    {
        [MinLength(1)]
        public required IReadOnlyList<string> FileLocations { get; init; }
        public IReadOnlyList<string>? FileNames { get; init; }
    }

    private sealed record GitHubConfig
    {
        public required string RepoOwner { get; init; }
    }

    private sealed record GitHubCredentials
    {
        [Secret]
        public required string GithubAccessToken { get; init; }
    }
}
