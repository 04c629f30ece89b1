using Tributary.Engine.Models.Queries;

namespace Tributary.Engine.Tests.Models;

public class TableNamesTests
{
    [Theory]
    [InlineData("SELECT * FROM datasets_a.models_b", "SELECT * FROM \"datasets_a.models_b\"")]
    [InlineData("SELECT x FROM Datasets_A . MODELS_b t", "SELECT x FROM \"datasets_a.models_b\" t")]
    [InlineData(
        "SELECT datasets_a.models_b.x FROM `datasets_a.models_b`",
        "SELECT \"datasets_a.models_b\".x FROM \"datasets_a.models_b\""
    )]
    [InlineData("SELECT * FROM \"datasets_a\".\"models_b\"", "SELECT * FROM \"datasets_a.models_b\"")]
    [InlineData("SELECT * FROM [datasets_a].[models_b]", "SELECT * FROM \"datasets_a.models_b\"")]
    public void Tables_become_one_name(string sql, string rewritten)
    {
        var (result, tables) = TableNames.Rewrite(sql);

        result.ShouldBe(rewritten);
        tables.ShouldBe([new TableNames.Table("a", "b")]);
    }

    [Theory]
    [InlineData("SELECT 'datasets_a.models_b'")]
    [InlineData("SELECT 'it''s datasets_a.models_b'")]
    [InlineData("SELECT 1 -- datasets_a.models_b")]
    [InlineData("SELECT 1 /* datasets_a.models_b */")]
    [InlineData("SELECT datasets_a.other FROM t")]
    [InlineData("SELECT xdatasets_a.models_b")]
    [InlineData("SELECT 'open datasets_a.models_b")]
    [InlineData("SELECT /* open datasets_a.models_b")]
    [InlineData("")]
    public void Everything_else_stays(string sql)
    {
        var (result, tables) = TableNames.Rewrite(sql);

        result.ShouldBe(sql);
        tables.ShouldBeEmpty();
    }
}
