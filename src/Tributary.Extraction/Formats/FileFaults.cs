namespace Tributary.Extraction.Formats;

/// <summary>Whose fault an exception is.</summary>
internal static class FileFaults
{
    /// <summary>
    /// Whether the file is to blame. Parsers of strangers' files fail in every way there is; a failing disk or connection
    /// is not the file's fault and must be tried again.
    /// </summary>
    public static bool IsOfTheFile(Exception exception) =>
        exception is EndOfStreamException
        || exception
            is not (Sdk.Content.ContentException or OperationCanceledException or IOException or OutOfMemoryException);
}
