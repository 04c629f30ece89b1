using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Tributary.Engine.Models.Queries;

/// <summary>
/// Files of rows that wait to be fetched, in the data folder. A ticket is the file's name: random, with the time of its
/// end in it, so that nothing else has to be kept. What is over is deleted when the next one is made.
/// </summary>
internal sealed partial class Downloads(EngineOptions options, TimeProvider time)
{
    private const int SecretBytes = 32;
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private string Folder => Path.Combine(options.DataFolder, "downloads");

    [GeneratedRegex("^[0-9a-f]{64}-([0-9]{1,15})$")]
    private static partial Regex TicketForm { get; }

    /// <summary>A new, empty file.</summary>
    public (string Ticket, FileStream File) Create()
    {
        Directory.CreateDirectory(Folder);
        foreach (var path in Directory.EnumerateFiles(Folder))
        {
            if (!IsAlive(Path.GetFileName(path)))
            {
                File.Delete(path);
            }
        }

        var ticket = string.Create(
            CultureInfo.InvariantCulture,
            $"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes))}-{(time.GetUtcNow() + Life).ToUnixTimeMilliseconds()}"
        );
        return (ticket, new FileStream(PathOf(ticket), FileMode.CreateNew, FileAccess.Write, FileShare.None));
    }

    public void Delete(string ticket) => File.Delete(PathOf(ticket));

    /// <summary>Opens a file; null when its ticket is none, or over.</summary>
    public FileStream? Open(string ticket)
    {
        if (!IsAlive(ticket))
        {
            return null;
        }

        try
        {
            return new FileStream(PathOf(ticket), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private bool IsAlive(string ticket) =>
        TicketForm.Match(ticket) is { Success: true } match
        && long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            > time.GetUtcNow().ToUnixTimeMilliseconds();

    private string PathOf(string ticket) => Path.Combine(Folder, ticket);
}
