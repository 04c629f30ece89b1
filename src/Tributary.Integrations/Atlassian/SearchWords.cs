using System.Buffers;

namespace Tributary.Integrations.Atlassian;

/// <summary>Words as a person types them: what the search language makes something else of is left out.</summary>
internal static class SearchWords
{
    private static readonly SearchValues<char> Signs = SearchValues.Create("+-&|!(){}[]^\"~*?:\\/<>=;,");

    /// <returns>The words with single spaces between them; empty when there are none.</returns>
    public static string Of(string typed) =>
        string.Join(
            ' ',
            string.Concat(typed.Select(sign => Signs.Contains(sign) ? ' ' : sign))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        );
}
