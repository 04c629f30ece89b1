namespace Tributary.Api;

/// <summary>What the operator decides about the API.</summary>
public sealed class ApiOptions
{
    /// <summary>Origins (<c>https://app.example.com</c>) whose pages may call the API with a token; <c>*</c> for all. None by default.</summary>
    public IReadOnlyList<string> CorsOrigins { get; set; } = [];
}
