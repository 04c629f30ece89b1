namespace Tributary.Sdk.Paging;

/// <summary>One page of a listing.</summary>
/// <param name="Body">What the source answered.</param>
/// <param name="Next">
/// What goes on after this page, for a checkpoint: handed back as <c>from</c>, the listing continues there. Null after
/// the last page.
/// </param>
/// <typeparam name="T">The answer's type.</typeparam>
public sealed record Page<T>(T Body, string? Next);
