using System.Collections.Immutable;

namespace Tributary.Sdk.Authenticating;

internal sealed class HeaderAuthentication(
    ImmutableArray<Uri> origins,
    ImmutableArray<(string Name, string Value)> headers
) : Authentication(origins)
{
    public ImmutableArray<(string Name, string Value)> Values { get; } = headers;

    public override Authentication AlsoFor(params string[] addresses) =>
        new HeaderAuthentication(Origin.Add(Origins, addresses), Values);
}

internal sealed class QueryAuthentication(ImmutableArray<Uri> origins, string name, string value)
    : Authentication(origins)
{
    public string Name { get; } = name;

    public string Value { get; } = value;

    public override Authentication AlsoFor(params string[] addresses) =>
        new QueryAuthentication(Origin.Add(Origins, addresses), Name, Value);
}

internal sealed class TokenAuthentication(ImmutableArray<Uri> origins, TokenGrant grant) : Authentication(origins)
{
    public TokenGrant Grant { get; } = grant;

    public override Authentication AlsoFor(params string[] addresses) =>
        new TokenAuthentication(Origin.Add(Origins, addresses), Grant);
}

internal sealed class AwsAuthentication(ImmutableArray<Uri> origins, AwsKeys keys, string region, string service)
    : Authentication(origins)
{
    public AwsKeys Keys { get; } = keys;

    public string Region { get; } = region;

    public string Service { get; } = service;

    public override Authentication AlsoFor(params string[] addresses) =>
        new AwsAuthentication(Origin.Add(Origins, addresses), Keys, Region, Service);
}

internal sealed class CombinedAuthentication(ImmutableArray<Authentication> parts) : Authentication([])
{
    // Whose credentials the further hosts should get, nobody could tell.
    public override Authentication AlsoFor(params string[] addresses) =>
        throw new InvalidOperationException("Name further hosts at the part that is meant: Each(part.AlsoFor(…), …).");

    internal override Authentication? For(Uri address) =>
        parts.Select(part => part.For(address)).FirstOrDefault(part => part is not null);
}
