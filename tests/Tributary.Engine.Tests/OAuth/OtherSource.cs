using Tributary.Sdk;
using Tributary.Sdk.Authenticating;
using Tributary.Sdk.Reading;
using Tributary.Testing;

namespace Tributary.Engine.Tests.OAuth;

/// <summary>An integration whose vendor refuses PKCE, and whose tokens are one JSON text.</summary>
public sealed class OtherSource(AuthorizationServer server) : Integration<NoConfig, NoCredentials>
{
    public override IntegrationManifest Manifest { get; } =
        new()
        {
            Slug = "other",
            Name = "Other",
            Description = "For tests.",
            Category = IntegrationCategory.Custom,
            OAuth = new OAuthFacts
            {
                AuthorizeUrl = server.AuthorizeUrl,
                TokenUrl = server.TokenUrl,
                UsesPkce = false,
                AccessTokenMember = "google_tokens",
                TokensAsJson = true,
            },
        };

    protected override IReader CreateReader(ReaderContext context, NoConfig config, NoCredentials credentials) =>
        new NothingToRead("other");
}
