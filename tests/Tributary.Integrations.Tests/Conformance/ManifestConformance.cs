using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.Sdk;
using Tributary.Sdk.Settings;

namespace Tributary.Integrations.Tests.Conformance;

/// <summary>What every integration says about itself, whether it reads anything or not.</summary>
public abstract partial class ManifestConformance
{
    /// <summary>The integration.</summary>
    public abstract Integration Integration { get; }

    [Fact]
    public void The_manifest_is_complete()
    {
        var manifest = Integration.Manifest;

        manifest.Slug.ShouldMatch("^[a-z][a-z0-9_]*$");
        manifest.Name.ShouldNotBeNullOrWhiteSpace();
        manifest.Description.ShouldEndWith(".");
        manifest.Documentation.Length.ShouldBeGreaterThan(100, "people set it up by this text");
        manifest.AuthKinds.ShouldNotBeEmpty();
        manifest.AuthKinds.ShouldBeSubsetOf([
            "none",
            "api_key",
            "basic",
            "cookie",
            "header",
            "oauth2",
            "client_credentials",
            "service_account",
            "aws_signature",
        ]);
        (manifest.Capabilities.Deletion != DeletionDetection.None).ShouldBe(manifest.Kind == IntegrationKind.Pull);
    }

    [Fact]
    public void Every_member_is_described()
    {
        foreach (var member in Members())
        {
            member.Description.ShouldEndWith(".", customMessage: $"{member.Name}: forms, docs and help show it");
            MemberName().IsMatch(member.Name).ShouldBeTrue(member.Name);
        }

        foreach (var member in SettingsSchema.For(Integration.CredentialsType).Members)
        {
            var soundsSecret = SecretName().IsMatch(member.Name);
            member.IsSecret.ShouldBe(soundsSecret, $"{member.Name}: a secret is marked as one, and nothing else is");
        }

        SettingsSchema.For(Integration.ConfigType).Members.ShouldAllBe(member => !member.IsSecret);
    }

    [Fact]
    public void Defaults_are_valid_but_for_what_is_required()
    {
        foreach (var type in new[] { Integration.ConfigType, Integration.CredentialsType })
        {
            var problems = new List<SettingsProblem>();
            using var nothing = JsonDocument.Parse("{}");
            SettingsReader.Read(type, nothing.RootElement, UnknownMembers.Refused, problems);
            problems.ShouldAllBe(problem => problem.Code == "missing" || problem.Code == "value_error");
        }
    }

    [Fact]
    public void What_a_sign_in_brings_has_a_place()
    {
        if (Integration.Manifest.OAuth is not { } facts)
        {
            return;
        }

        Integration.Manifest.AuthKinds.ShouldContain("oauth2");
        var places = new[] { facts.AccessTokenMember, facts.RefreshTokenMember, facts.ExpiresAtMember }
            .OfType<string>()
            .Concat(facts.CredentialsFromAnswer.Keys)
            .Concat(facts.FixedCredentials.Keys);
        var credentials = SettingsSchema.For(Integration.CredentialsType);
        places.ShouldAllBe(place => credentials.Find(place) != null);
        var config = SettingsSchema.For(Integration.ConfigType);
        facts.ConfigFromAnswer.Keys.ShouldAllBe(place => config.Find(place) != null);
    }

    private IEnumerable<SettingsMember> Members() =>
        SettingsSchema
            .For(Integration.ConfigType)
            .Members.Concat(SettingsSchema.For(Integration.CredentialsType).Members);

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex MemberName();

    [GeneratedRegex("(^|_)(password|secret|tokens?|key|cookie|header_values?)$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
