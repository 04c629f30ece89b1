using System.Globalization;
using System.Text;
using Tributary.Extraction.Converters;
using Tributary.Extraction.Formats;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Pdf;

/// <summary>What a PDF says about itself, and the password that opens it.</summary>
/// <param name="Pages">How many.</param>
/// <param name="Title">Null when it has none.</param>
/// <param name="Author">Null when it has none.</param>
/// <param name="ModifiedAt">ModDate, else CreationDate.</param>
/// <param name="IsLarge">The first page is larger than a poster: drawn at the usual resolution it would fill the memory.</param>
/// <param name="Password">What opened it; null when none was needed.</param>
internal sealed record PdfInfo(
    int Pages,
    string? Title,
    string? Author,
    DateTimeOffset? ModifiedAt,
    bool IsLarge,
    string? Password
)
{
    private const int MaxBytes = 65_536;
    private const double LargePoints = 1_440;

    /// <summary>Tries without a password (most encrypted files open so), then with the given one.</summary>
    public static async Task<PdfInfo> ReadAsync(
        ProgramRunner programs,
        string path,
        string folder,
        string? password,
        CancellationToken cancellationToken
    )
    {
        string?[] attempts = string.IsNullOrEmpty(password) ? [null] : [null, password];
        var errors = "";
        foreach (var attempt in attempts)
        {
            List<string> arguments = ["-isodates", "-enc", "UTF-8"];
            PdfFormat.AddPassword(arguments, attempt);
            arguments.Add(path);
            var text = "";
            var result = await programs.RunAsync(
                Program.PdfInfo,
                arguments,
                folder,
                cancellationToken,
                async (output, token) => text = await ReadTextAsync(output, token)
            );
            if (result.ExitCode == 0)
            {
                return Parse(text, attempt);
            }

            errors = result.Errors;
        }

        throw errors.Contains("password", StringComparison.OrdinalIgnoreCase)
            ? new ContentException(
                ContentProblem.Encrypted,
                password is null
                    ? "The PDF is encrypted. Give its password, or save it without one."
                    : "The PDF is encrypted, and the given password does not open it."
            )
            : new ContentException(ContentProblem.Broken, $"The PDF is broken: {errors.Split('\n')[0]}");
    }

    private static async Task<string> ReadTextAsync(Stream output, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxBytes];
        var read = await output.ReadAtLeastAsync(buffer, MaxBytes, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }

    private static PdfInfo Parse(string text, string? password)
    {
        var values = new Dictionary<string, string>();
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(':');
            if (colon > 0)
            {
                values.TryAdd(line[..colon], line[(colon + 1)..].Trim());
            }
        }

        var pages = int.TryParse(values.GetValueOrDefault("Pages"), CultureInfo.InvariantCulture, out var count)
            ? count
            : 1;
        var modified =
            DocumentFacts.ParseTime(values.GetValueOrDefault("ModDate"))
            ?? DocumentFacts.ParseTime(values.GetValueOrDefault("CreationDate"));
        var size = values.GetValueOrDefault("Page size", "").Split(' ');
        var isLarge = size.Any(part =>
            double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var points)
            && points > LargePoints
        );
        return new PdfInfo(
            pages,
            values.GetValueOrDefault("Title"),
            values.GetValueOrDefault("Author"),
            modified,
            isLarge,
            password
        );
    }
}
