using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;

namespace Tributary.Extraction.Converters;

/// <summary>
/// Has LibreOffice save a document in a format that is read here. Each run has a profile of its own, which is thrown
/// away; macros do not run, links are not updated, and what is linked from elsewhere is not fetched: LibreOffice would
/// otherwise ask any address that a document names, so a proxy that is not there stands in the way.
/// </summary>
internal sealed class OfficeConversion(ProgramRunner programs)
{
    private const string Profile = """
        <?xml version="1.0" encoding="UTF-8"?>
        <oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
        <item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
        <item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
        <item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
        <item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
        <item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
        <item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
        <item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
        <item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
        <item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
        <item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
        <item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
        <item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetNoProxy" oor:op="fuse"><value></value></prop></item>
        </oor:items>
        """;

    /// <summary>Converts, and hands the result on while it exists.</summary>
    /// <param name="content">The document.</param>
    /// <param name="from">Its extension.</param>
    /// <param name="to">The extension of what is wanted.</param>
    /// <param name="read">Reads the result.</param>
    /// <param name="cancellationToken">Ends the conversion.</param>
    public async Task<T> ConvertAsync<T>(
        Stream content,
        string from,
        string to,
        Func<Stream, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        using var folder = new WorkFolder(programs.Options.TemporaryFolder);
        var input = await folder.WriteAsync($"input.{from}", content, cancellationToken);
        Directory.CreateDirectory(folder["profile/user"]);
        await File.WriteAllTextAsync(folder["profile/user/registrymodifications.xcu"], Profile, cancellationToken);
        var result = await programs.RunAsync(
            Program.LibreOffice,
            [
                $"-env:UserInstallation={new Uri(folder["profile"])}",
                "--headless",
                "--norestore",
                "--nolockcheck",
                "--nodefault",
                "--nologo",
                "--convert-to",
                to,
                "--outdir",
                folder["output"],
                input,
            ],
            folder.Path,
            cancellationToken
        );
        var output = folder[$"output/input.{to}"];
        if (!File.Exists(output))
        {
            throw new ContentException(
                ContentProblem.Broken,
                $"LibreOffice could not read it{(result.Errors.Length > 0 ? ": " + result.Errors : "")}. It may be broken or encrypted."
            );
        }

        await using var converted = File.OpenRead(output);
        return await read(converted);
    }
}
