using System.Globalization;
using AngleSharp.Dom;
using Tributary.Extraction.Text;

namespace Tributary.Extraction.Html;

/// <summary>Tables that hold data, and those that only arrange the page.</summary>
internal static class HtmlTables
{
    private const int MaxSpan = 50;

    /// <summary>Whether rows and columns mean something: more than one cell, and nothing in them that a table row cannot show.</summary>
    public static bool HoldsData(IElement table)
    {
        if (table.GetAttribute("role") is "presentation" or "none")
        {
            return false;
        }

        var cells = 0;
        foreach (var row in RowsOf(table))
        {
            foreach (var cell in row.Children)
            {
                cells++;
                if (HoldsBlocks(cell, 6))
                {
                    return false;
                }
            }
        }

        return cells > 1;
    }

    /// <summary>The caption and the rows, those of tables inside left out.</summary>
    public static IEnumerable<IElement> RowsOf(IElement table)
    {
        foreach (var child in table.Children)
        {
            if (child.LocalName is "tr" or "caption")
            {
                yield return child;
            }
            else if (child.LocalName is "thead" or "tbody" or "tfoot")
            {
                foreach (var row in child.Children)
                {
                    if (row.LocalName == "tr")
                    {
                        yield return row;
                    }
                }
            }
        }
    }

    /// <summary>The texts of a row's cells; one that spans columns is followed by empty ones. Empty when no cell has text.</summary>
    public static List<string> CellsOf(IElement row, Func<IElement, string> textOf)
    {
        var cells = new List<string>();
        var hasText = false;
        foreach (var cell in row.Children)
        {
            if (cell.LocalName is not ("td" or "th") || cells.Count >= MarkdownTable.MaxColumns)
            {
                continue;
            }

            var text = textOf(cell);
            hasText |= text.Length > 0;
            cells.Add(text);
            var span = int.TryParse(cell.GetAttribute("colspan"), CultureInfo.InvariantCulture, out var columns)
                ? columns
                : 1;
            for (var i = 1; i < Math.Min(span, MaxSpan); i++)
            {
                cells.Add("");
            }
        }

        return hasText ? cells : [];
    }

    private static bool HoldsBlocks(IElement element, int depth)
    {
        foreach (var child in element.Children)
        {
            if (
                child.LocalName is "table" or "pre" or "h1" or "h2" or "h3"
                || depth > 0 && HoldsBlocks(child, depth - 1)
            )
            {
                return true;
            }
        }

        return false;
    }
}
