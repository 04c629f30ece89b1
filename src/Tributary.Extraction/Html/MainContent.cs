using AngleSharp.Dom;

namespace Tributary.Extraction.Html;

/// <summary>
/// Finds the part of a page that is its content: what the page itself marks (main, role=main, a single article), else
/// the smallest element that holds nearly all of the text that is not links.
/// </summary>
internal static class MainContent
{
    // A marked element with less of the page's text than this is marked wrongly.
    private const double LeastShareOfMarked = 0.2;
    private const double ShareToDescend = 0.8;

    public static IElement Find(IElement body, Furniture furniture)
    {
        var scores = new Dictionary<IElement, int>(ReferenceEqualityComparer.Instance);
        var marked = new List<IElement>();
        var articles = new List<IElement>();
        var total = Measure(body, furniture, isInContent: false, isInLink: false, scores, marked, articles);
        var best = BestOf(marked, scores);
        if (best is not null && scores[best] >= total * LeastShareOfMarked)
        {
            return best;
        }

        if (articles.Count == 1 && scores[articles[0]] >= total * LeastShareOfMarked * 2)
        {
            return articles[0];
        }

        return Descend(body, scores);
    }

    private static IElement? BestOf(List<IElement> candidates, Dictionary<IElement, int> scores) =>
        candidates.Count == 0 ? null : candidates.MaxBy(candidate => scores[candidate]);

    private static IElement Descend(IElement from, Dictionary<IElement, int> scores)
    {
        while (scores.GetValueOrDefault(from) is > 0 and var score)
        {
            IElement? next = null;
            foreach (var child in from.Children)
            {
                if (scores.GetValueOrDefault(child) >= score * ShareToDescend && IsBox(child))
                {
                    next = child;
                }
            }

            if (next is null)
            {
                break;
            }

            from = next;
        }

        return from;
    }

    private static bool IsBox(IElement element) =>
        element.LocalName is "div" or "section" or "center" or "form" or "article" or "main";

    /// <summary>Characters of text outside links; links count a tenth, so that a page of links still has a middle.</summary>
    private static int Measure(
        IElement element,
        Furniture furniture,
        bool isInContent,
        bool isInLink,
        Dictionary<IElement, int> scores,
        List<IElement> marked,
        List<IElement> articles
    )
    {
        var score = 0;
        var children = element.ChildNodes;
        for (var i = 0; i < children.Length; i++)
        {
            if (children[i] is IText text)
            {
                var length = text.Data.AsSpan().Trim().Length;
                score += isInLink ? length / 10 : length;
            }
            else if (children[i] is IElement child && !furniture.LeavesOut(child, isInContent))
            {
                var name = child.LocalName;
                var isMain = name == "main" || child.GetAttribute("role") == "main";
                var isArticle = name == "article";
                if (isMain)
                {
                    marked.Add(child);
                }
                else if (isArticle && !isInContent)
                {
                    articles.Add(child);
                }

                score += Measure(
                    child,
                    furniture,
                    isInContent || isMain || isArticle,
                    isInLink || name == "a",
                    scores,
                    marked,
                    articles
                );
            }
        }

        scores[element] = score;
        return score;
    }
}
