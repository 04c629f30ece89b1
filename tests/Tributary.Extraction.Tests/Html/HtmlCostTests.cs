using System.Diagnostics;
using System.Text;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Tests.Html;

/// <summary>What a page costs, printed for those who change the converter; the bound is wide, as machines differ.</summary>
[Collection("Alone")]
public class HtmlCostTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Category", "Slow")]
    public void A_page_of_eight_kilobytes_costs_far_less_than_a_crawl_waits_for_it()
    {
        var page = Encoding.UTF8.GetBytes(Page());
        var options = new HtmlOptions { BaseUri = new Uri("https://example.com/docs/page") };
        var html = Extraction.Default.Html;
        for (var i = 0; i < 2_000; i++)
        {
            html.Convert(page, options);
        }

        using var process = Process.GetCurrentProcess();
        process.Refresh();
        var before = process.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes();
        const int rounds = 2_000;
        for (var i = 0; i < rounds; i++)
        {
            html.Convert(page, options);
        }

        process.Refresh();
        var each = (process.TotalProcessorTime - before) / rounds;
        output.WriteLine(
            $"{page.Length} bytes: {each.TotalMicroseconds:0} µs of processor, {(GC.GetTotalAllocatedBytes() - allocated) / rounds / 1024} KB allocated"
        );
        each.ShouldBeLessThan(TimeSpan.FromMilliseconds(5));
    }

    private static string Page()
    {
        var page = new StringBuilder(
            "<!DOCTYPE html><html lang=en><head><title>Page</title><meta name=description content=x><link rel=canonical href=/docs/page></head><body><header><nav><ul>"
        );
        for (var i = 0; i < 20; i++)
        {
            page.Append(
                null,
                $"<li class=\"nav-item\"><a class=\"nav-link\" href=\"/docs/chapter-{i}\">Chapter {i}</a></li>"
            );
        }

        page.Append("</ul></nav></header><main><article><h1 id=top>Page</h1>");
        for (var i = 0; i < 7; i++)
        {
            page.Append(
                null,
                $"<h2 id=\"part-{i}\">Part {i}<a class=\"headerlink\" href=\"#part-{i}\">¶</a></h2><p>Some <em>text</em> with a <a href=\"../other/{i}\">link</a> and <code>code</code>, which goes on for a while, as the text of documentation does, without saying all that much about the subject.</p>"
            );
            page.Append(
                "<ul><li>one thing</li><li>another <b>thing</b></li></ul><table><tr><th>Name</th><th>Meaning</th></tr><tr><td>a</td><td>the first letter</td></tr></table>"
            );
            page.Append(
                "<div class=\"highlight-python\"><pre><span class=\"k\">def</span> <span class=\"nf\">f</span>(x):\n    <span class=\"k\">return</span> x + 1\n</pre></div>"
            );
        }

        return page.Append("</article></main><footer><p>(c) 2024</p></footer><script>var x = 1;</script></body></html>")
            .ToString();
    }
}
