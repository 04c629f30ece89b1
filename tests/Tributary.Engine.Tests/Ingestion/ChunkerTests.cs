using Tributary.Engine.Ingestion;
using Tributary.Sdk.Documents;

namespace Tributary.Engine.Tests.Ingestion;

public class ChunkerTests
{
    [Fact]
    public void Nothing_of_a_text_is_lost_and_no_passage_is_too_long()
    {
        var words = Enumerable.Range(0, 5_000).Select(i => $"word{i}").ToList();
        var passages = Chunker.Cut([new Section(string.Join(' ', words))]);

        passages.ShouldAllBe(passage => passage.Text.Length <= Chunker.MaxLength);
        string.Join(' ', passages.Select(passage => passage.Text)).Split(' ').ShouldBe(words);
    }

    [Fact]
    public void Small_neighbours_share_a_passage_and_large_ones_keep_their_own_link()
    {
        var passages = Chunker.Cut([
            new Section("Short.", "#a", "A"),
            new Section("Also short.", "#b", "B"),
            new Section(new string('x', 1_500), "#c", "C"),
            new Section("The end.", "#d", "D"),
        ]);

        passages.Select(passage => passage.Link).ShouldBe(["#a", "#d"]);
        passages[0].Text.ShouldStartWith("Short.\n\nB\n\nAlso short.\n\nC");
    }

    [Fact]
    public void A_surrogate_pair_is_never_cut()
    {
        var text = string.Concat(Enumerable.Repeat("😀", 3_001));
        foreach (var passage in Chunker.Cut([new Section("a" + text)]))
        {
            passage.Text.EnumerateRunes().ShouldAllBe(rune => rune.Value != 0xFFFD);
        }
    }

    [Fact]
    public void A_heading_without_text_is_found_by_its_words()
    {
        Chunker.Cut([new Section("", "#a", "Only a heading")]).ShouldHaveSingleItem().Text.ShouldBe("Only a heading");
        Chunker.Cut([new Section("  "), new Section("")]).ShouldBeEmpty();
    }
}
