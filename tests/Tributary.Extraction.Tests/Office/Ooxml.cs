using System.Text;

namespace Tributary.Extraction.Tests.Office;

/// <summary>Parts that all OOXML files have.</summary>
internal static class Ooxml
{
    private const string Types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

    public static string Relations(params Relation[] relations)
    {
        var xml = new StringBuilder(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        );
        foreach (var (id, kind, target, external) in relations)
        {
            xml.Append(
                null,
                $"<Relationship Id=\"{id}\" Type=\"{Types}{kind}\" Target=\"{target}\"{(external ? " TargetMode=\"External\"" : "")}/>"
            );
        }

        return xml.Append("</Relationships>").ToString();
    }

    internal sealed record Relation(string Id, string Kind, string Target, bool External = false)
    {
        public static implicit operator Relation((string Id, string Kind, string Target) relation) =>
            new(relation.Id, relation.Kind, relation.Target);

        public static implicit operator Relation((string Id, string Kind, string Target, bool External) relation) =>
            new(relation.Id, relation.Kind, relation.Target, relation.External);
    }
}
