using System.Text;
using Tributary.Sdk.Documents;

namespace Tributary.Extraction.Mail;

/// <summary>Address lists of header fields (RFC 5322, 3.4): names, comments, groups.</summary>
internal static class MailAddresses
{
    private const int Most = 500;

    public static IReadOnlyList<Owner> Parse(string? field)
    {
        var owners = new List<Owner>();
        foreach (var part in Split(field ?? ""))
        {
            if (owners.Count < Most && ParseOne(part) is { } owner)
            {
                owners.Add(owner);
            }
        }

        return owners;
    }

    /// <summary>"Name &lt;address&gt;", or whichever of the two there is.</summary>
    public static string Show(Owner owner) =>
        owner.Name is null ? owner.Email ?? ""
        : owner.Email is null ? owner.Name
        : $"{owner.Name} <{owner.Email}>";

    private static Owner? ParseOne(string text)
    {
        var open = text.LastIndexOf('<');
        var close = text.LastIndexOf('>');
        if (open >= 0 && close > open)
        {
            var name = EncodedWords.Decode(text[..open].Trim()).Trim().Trim('"').Replace("\\\"", "\"").Trim();
            var address = text[(open + 1)..close].Trim();
            return address.Length == 0 && name.Length == 0
                ? null
                : new Owner(name.Length == 0 || name == address ? null : name, address);
        }

        var plain = EncodedWords.Decode(text).Trim().Trim('"');
        return plain.Length == 0 ? null
            : plain.Contains('@') ? new Owner(null, plain)
            : new Owner(plain);
    }

    // At commas and semicolons outside of quotes, angles and comments; "Group:" is dropped.
    private static IEnumerable<string> Split(string field)
    {
        var part = new StringBuilder();
        var isQuoted = false;
        var comments = 0;
        var isAngle = false;
        for (var i = 0; i < field.Length; i++)
        {
            var letter = field[i];
            if (letter == '\\' && i + 1 < field.Length)
            {
                part.Append(letter).Append(field[++i]);
                continue;
            }

            isQuoted ^= letter == '"' && comments == 0;
            if (!isQuoted)
            {
                comments +=
                    letter == '(' ? 1
                    : letter == ')' && comments > 0 ? -1
                    : 0;
                if (comments > 0 || letter == ')')
                {
                    continue;
                }

                isAngle = letter == '<' || isAngle && letter != '>';
                if (letter is ',' or ';' && !isAngle)
                {
                    yield return part.ToString();
                    part.Clear();
                    continue;
                }

                if (letter == ':' && !isAngle)
                {
                    part.Clear();
                    continue;
                }
            }

            part.Append(letter);
        }

        yield return part.ToString();
    }
}
