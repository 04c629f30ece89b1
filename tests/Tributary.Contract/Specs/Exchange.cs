using System.Text;

namespace Tributary.Contract.Specs;

/// <summary>One request and its answer, as they went over the wire.</summary>
public sealed record Exchange
{
    public required string Method { get; init; }

    /// <summary>The path as it was sent, still escaped, below the emulator's root; begins with a slash.</summary>
    public required string Path { get; init; }

    /// <summary>Names and values in the order of the query string, unescaped.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Query { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public string? RequestType { get; init; }

    public required byte[] RequestBody { get; init; }

    public required int Status { get; init; }

    public string? AnswerType { get; init; }

    public required byte[] AnswerBody { get; init; }

    public override string ToString() => $"{Method} {Path} → {Status} {Encoding.UTF8.GetString(AnswerBody)}";
}

/// <summary>A rule of the vendor's description that an exchange breaks.</summary>
/// <param name="Vendor">The folder of descriptions.</param>
/// <param name="Operation">Method and path template, or the path itself when none is described.</param>
/// <param name="Path">Where: <c>query.limit</c>, <c>request$.name</c>, <c>status</c>, <c>$.topics[*].id</c> (the answer).</param>
/// <param name="Rule">What is wrong.</param>
public sealed record Violation(string Vendor, string Operation, string Path, string Rule)
{
    public override string ToString() => $"{Vendor}: {Operation}: {Path} {Rule}";
}
