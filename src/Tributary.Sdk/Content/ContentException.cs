namespace Tributary.Sdk.Content;

/// <summary>The text of one file cannot be had. Becomes a recorded failure (or skip) of that document; the run goes on.</summary>
public sealed class ContentException : Exception
{
    /// <summary>Makes one; the message says what is wrong and the cure, where there is one.</summary>
    public ContentException(ContentProblem problem, string message, Exception? inner = null)
        : base(message, inner) => Problem = problem;

    /// <summary>What is wrong.</summary>
    public ContentProblem Problem { get; }
}

/// <summary>Why a file has no text for us.</summary>
public enum ContentProblem
{
    /// <summary>A kind of file that holds no text that we can read (a film, a program): skipped, not failed.</summary>
    Unsupported,

    /// <summary>Nothing in it: skipped, not failed.</summary>
    Empty,

    /// <summary>It does not follow its format.</summary>
    Broken,

    /// <summary>It needs a password that was not given or is wrong.</summary>
    Encrypted,

    /// <summary>It is larger, deeper or more inflated than the caps allow.</summary>
    TooLarge,

    /// <summary>It took longer than the cap allows.</summary>
    TooSlow,

    /// <summary>A program that reads this format is not installed; the message names it.</summary>
    ConverterMissing,
}
