using System.CommandLine;

namespace Tributary.Cli.Commands;

/// <summary>The option <c>--limit</c> of listings.</summary>
internal static class Limits
{
    /// <summary>Makes it.</summary>
    public static Option<int> Option(int preset, int most = 1_000_000)
    {
        var option = new Option<int>("--limit")
        {
            Description = "At most this many.",
            HelpName = "number",
            DefaultValueFactory = _ => preset,
        };
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<int>() is var limit && (limit < 1 || limit > most))
            {
                result.AddError($"--limit must be a whole number from 1 to {most}.");
            }
        });
        return option;
    }
}
