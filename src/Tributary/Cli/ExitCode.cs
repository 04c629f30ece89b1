namespace Tributary.Cli;

/// <summary>What the process ends with; part of the command line's contract.</summary>
internal static class ExitCode
{
    /// <summary>It was done.</summary>
    public const int Ok = 0;

    /// <summary>It was refused, or it failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a setting is wrong.</summary>
    public const int Usage = 2;

    /// <summary>There is no server at the address.</summary>
    public const int Unreachable = 3;

    /// <summary>The token is missing, wrong, or may not do this.</summary>
    public const int NotAuthorised = 4;

    /// <summary>A person pressed Ctrl+C, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>All of them, for help and reference.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Ok, "done"),
        (Failed, "refused or failed; standard error says why"),
        (Usage, "the command line or a setting is wrong"),
        (Unreachable, "no server answers at the address"),
        (NotAuthorised, "the token is missing, wrong, or may not do this"),
    ];
}
