using Spectre.Console;

namespace Tributary.Cli;

/// <summary>Shows rows and facts to people.</summary>
internal static class Tables
{
    /// <summary>A table; its values are texts of others and hold no markup.</summary>
    public static void Write(Terminal terminal, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = terminal.IsOutTerminal ? TableBorder.Simple : TableBorder.None };
        foreach (var header in headers)
        {
            table.AddColumn(new TableColumn(new Text(header)) { NoWrap = !terminal.IsOutTerminal });
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(value => new Text(PlainText.OneLine(value))));
        }

        terminal.OutConsole().Write(table);
    }

    /// <summary>Facts under each other; those without a value are left out.</summary>
    public static void WriteFacts(Terminal terminal, params IReadOnlyList<(string Name, string? Value)> facts)
    {
        var width = facts.Max(fact => fact.Name.Length);
        foreach (var (name, value) in facts)
        {
            if (!string.IsNullOrEmpty(value))
            {
                terminal.Out.WriteLine($"{name.PadRight(width)}  {PlainText.OneLine(value)}");
            }
        }
    }
}
