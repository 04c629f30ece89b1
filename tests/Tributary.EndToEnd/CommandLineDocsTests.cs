namespace Tributary.EndToEnd;

public sealed class CommandLineDocsTests
{
    [Theory]
    [InlineData("command-line")]
    [InlineData("configuration")]
    [InlineData("integrations")]
    public async Task The_page_is_what_the_program_prints(string page)
    {
        var result = await CommandLineResult.OfAsync(["docs", page]);
        var path = Path.Combine(FindRoot(), "docs", page + ".md");
        File.ReadAllText(path).ShouldBe(result.Out, $"Stale: run 'tributary docs {page} > docs/{page}.md'.");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Tributary.slnx")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
