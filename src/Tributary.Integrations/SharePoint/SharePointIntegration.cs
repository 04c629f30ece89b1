using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tributary.Integrations.MicrosoftGraph;
using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.SharePoint;

/// <summary>Files and pages of SharePoint Online.</summary>
public sealed class SharePointIntegration : Integration<SharePointConfig, SharePointCredentials>
{
    /// <inheritdoc />
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "sharepoint",
            Name = "SharePoint",
            Description =
                "Files of document libraries and modern pages of SharePoint Online: all sites, or chosen ones.",
            Category = IntegrationCategory.Storage,
            AuthKinds = ["oauth2"],
            VendorLimits = [new RateLimit(RateUnit.Minute, 1_200)],
            Capabilities = new IntegrationCapabilities
            {
                Incremental = true,
                Deletion = DeletionDetection.Feed,
                Permissions = true,
            },
            Documentation = """
                Register an application in the Entra admin center (App registrations) and give it a client secret or a
                certificate. It needs the *application* permission `Sites.Read.All` with admin consent; `Files.Read.All`
                is enough for named sites without pages. With `Sites.Selected` an administrator opens single sites to it:
                then the sites have to be named here.

                A site is given by its address, also below `/teams/`, with its sub-sites; a library or a folder by the address
                that the browser shows. Personal sites and embedded containers are left out. OneNote notebooks, empty files,
                classic `.aspx` pages, files with malware, lists and pages that were never published are not read.

                Who may read a file is taken from its permissions: people by address, groups by id. Pages do not tell their
                readers. Groups are named, not resolved, so that exhaustive_ad_enumeration changes nothing.
                """,
        };

    /// <inheritdoc />
    protected override Authentication AuthenticateWith(SharePointConfig config, SharePointCredentials credentials) =>
        credentials.Application.AuthenticateFor(config.AuthorityHost, config.GraphApiHost);

    /// <inheritdoc />
    protected override IReader CreateReader(
        ReaderContext context,
        SharePointConfig config,
        SharePointCredentials credentials
    )
    {
        // Traffic that says in this form whose it is, is throttled later.
        context.Http.DefaultRequestHeaders.Remove("User-Agent");
        context.Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "NONISV|Tributary|Tributary/1.0");
        return new SharePointReader(context, config);
    }
}

/// <summary>Which sites, and what of them.</summary>
public sealed record SharePointConfig : IValidatable
{
    /// <summary>Sites.</summary>
    [Description("Addresses of sites, libraries or folders. None reads all sites.")]
    [Example("https://contoso.sharepoint.com/sites/Engineering/Shared Documents/Specs")]
    public TextList? Sites { get; init; }

    /// <summary>Sites to leave out.</summary>
    [Description("Addresses of sites to leave out; * stands for anything.")]
    [Example("https://contoso.sharepoint.com/sites/archive-*")]
    public TextList? ExcludedSites { get; init; }

    /// <summary>Paths to leave out.</summary>
    [Description("Files and folders of libraries to leave out, by path or name; * stands for anything.")]
    [Example("Drafts/*")]
    public TextList? ExcludedPaths { get; init; }

    /// <summary>Pages.</summary>
    [Description("Read the modern pages and news of the sites.")]
    public bool IncludeSitePages { get; init; } = true;

    /// <summary>Files.</summary>
    [Description("Read the files of the document libraries.")]
    public bool IncludeSiteDocuments { get; init; } = true;

    /// <summary>Links for anyone.</summary>
    [Description("Show files that anyone with a link may open to everybody.")]
    public bool TreatSharingLinkAsPublic { get; init; }

    /// <summary>Groups.</summary>
    [Description("Taken for compatibility: groups are named by their ids, and none has to be read.")]
    [Advanced]
    public bool ExhaustiveAdEnumeration { get; init; }

    /// <summary>Sign-in.</summary>
    [Description("Sign-in host of the cloud, for national clouds and gateways.")]
    [Advanced]
    public string AuthorityHost { get; init; } = GraphCloud.GlobalAuthority;

    /// <summary>Graph.</summary>
    [Description("Microsoft Graph host of the cloud, for national clouds and gateways.")]
    [Advanced]
    public string GraphApiHost { get; init; } = GraphCloud.GlobalGraph;

    /// <summary>The sites' host.</summary>
    [Description("What the host names of sites end with, for national clouds.")]
    [Advanced]
    public string SharepointDomainSuffix { get; init; } = "sharepoint.com";

    /// <summary>Batches.</summary>
    [Description("How many libraries are taken at a time.")]
    [Range(1, int.MaxValue)]
    [Advanced]
    public int BatchSize { get; init; } = 16;

    /// <summary>Libraries at a time, as many as memory takes.</summary>
    internal int Batch => Math.Min(BatchSize, 1_000);

    internal Uri Root => GraphCloud.ApiOf(GraphApiHost);

    /// <summary>What is read, as a mark that another selection does not have.</summary>
    internal string Selection =>
        GraphMarks.MarkOf(
            string.Join('\n', Sites ?? new TextList([])),
            string.Join('\n', ExcludedSites ?? new TextList([])),
            string.Join('\n', ExcludedPaths ?? new TextList([])),
            $"{IncludeSitePages} {IncludeSiteDocuments} {TreatSharingLinkAsPublic} {GraphApiHost}"
        );

    // Behind a gateway sites may have names of their own.
    private bool IsOurs(SiteAddress address) =>
        address.IsBelow(SharepointDomainSuffix) || !GraphCloud.IsKnown(GraphApiHost);

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate()
    {
        foreach (var problem in GraphCloud.Validate(AuthorityHost, GraphApiHost, SharepointDomainSuffix))
        {
            yield return problem;
        }

        foreach (var site in Sites ?? new TextList([]))
        {
            if (SiteAddress.Parse(site) is not { } address || !IsOurs(address))
            {
                yield return SettingsProblem.Of(
                    "sites",
                    $"Should be addresses like 'https://tenant.{SharepointDomainSuffix}/sites/Name', not '{site}'"
                );
            }
        }
    }
}

/// <summary>The application that reads.</summary>
public sealed record SharePointCredentials : IValidatable
{
    /// <summary>How it signs in.</summary>
    [Description(
        "Whether the application signs in with a client secret or with a certificate. Empty takes the one that is given."
    )]
    public GraphAuthenticationMethod? AuthenticationMethod { get; init; }

    /// <summary>The application.</summary>
    [Description("Application (client) id.")]
    public required string SpClientId { get; init; }

    /// <summary>The tenant.</summary>
    [Description("Directory (tenant) id.")]
    public required string SpDirectoryId { get; init; }

    /// <summary>The secret.</summary>
    [Description("Client secret: its value, not its id.")]
    [Secret]
    public string? SpClientSecret { get; init; }

    /// <summary>The certificate.</summary>
    [Description("Certificate with its private key: a PFX file in base64.")]
    [Secret]
    public string? SpPrivateKey { get; init; }

    /// <summary>The certificate's password.</summary>
    [Description("Password of the PFX file.")]
    [Secret]
    public string? SpCertificatePassword { get; init; }

    internal GraphApplication Application =>
        new()
        {
            Directory = SpDirectoryId,
            ClientId = SpClientId,
            Chosen = AuthenticationMethod,
            Secret = SpClientSecret,
            Certificate = SpPrivateKey,
            Password = SpCertificatePassword,
        };

    /// <inheritdoc />
    public IEnumerable<SettingsProblem> Validate() => Application.Validate("sp_client_secret", "sp_private_key");
}
