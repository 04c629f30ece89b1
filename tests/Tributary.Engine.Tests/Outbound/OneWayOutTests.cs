using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Tributary.Engine.Outbound;

namespace Tributary.Engine.Tests.Outbound;

/// <summary>Nothing but the outbound pipeline opens a way out of the process.</summary>
public sealed partial class OneWayOutTests
{
    /// <summary>Types whose construction is a way out, and static members that make one.</summary>
    private static readonly ImmutableHashSet<string> _waysOut =
    [
        "HttpClient",
        "HttpMessageInvoker",
        "SocketsHttpHandler",
        "HttpClientHandler",
        "WinHttpHandler",
        "WebRequestHandler",
        "Socket",
        "TcpClient",
        "UdpClient",
        "WebClient",
        "WebRequest",
        "HttpWebRequest",
        "FtpWebRequest",
        "SmtpClient",
        "ClientWebSocket",
        "QuicConnection",
        "Ping",
    ];

    /// <summary>Who may make one, what, and why.</summary>
    private static readonly (string By, string[] Types, string Reason)[] _allowed =
    [
        (
            "Tributary.Engine.Outbound.OutboundHttp",
            ["HttpClient", "HttpMessageInvoker", "SocketsHttpHandler"],
            "it is the pipeline"
        ),
        (
            "Tributary.Engine.Outbound.Guard.GuardedConnector",
            ["Socket"],
            "opens the pipeline's connections, to addresses that it has checked"
        ),
        (
            "Tributary.Engine.Outbound.Browser.CdpConnection",
            ["ClientWebSocket"],
            "talks to the browser that the process has started itself, on loopback"
        ),
        (
            "Tributary.Cli.ServerClient",
            ["HttpClient", "SocketsHttpHandler", "Socket"],
            "the command line's, to the operator's own server"
        ),
    ];

    [Fact]
    public void No_source_outside_of_it_makes_one()
    {
        var sources = Path.Combine(Root(), "src");
        var offenders = Directory
            .EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
            // The command line's own client talks to the operator's server alone, and is no part of the server.
            .Where(file => !file.EndsWith("/Tributary/Cli/ServerClient.cs", StringComparison.Ordinal))
            .Where(file => !file.Contains("/Tributary.Engine/Outbound/", StringComparison.Ordinal))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .Where(file => WayOut().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(sources, file));

        offenders.ShouldBeEmpty();
    }

    [Fact]
    public void The_search_would_find_one()
    {
        WayOut().IsMatch("var http = new HttpClient();").ShouldBeTrue();
        WayOut().IsMatch("HttpClient http = new();").ShouldBeTrue();
        WayOut().IsMatch("private readonly TcpClient _client = new(host, 80);").ShouldBeTrue();
        WayOut().IsMatch("WebRequest.Create(address)").ShouldBeTrue();
        WayOut().IsMatch("public required HttpClient Http { get; init; }").ShouldBeFalse();
        Constructed(typeof(OutboundHttp).Assembly.Location).ShouldContain(made => made.Type == "SocketsHttpHandler");
    }

    [Fact]
    public void No_compiled_method_outside_of_it_makes_one()
    {
        var made = Assemblies().SelectMany(Constructed).Distinct().ToList();

        made.Where(one => !_allowed.Any(entry => entry.By == one.By && entry.Types.Contains(one.Type))).ShouldBeEmpty();
        foreach (
            var (by, _, reason) in _allowed.Where(entry =>
                !entry.By.StartsWith("Tributary.Cli", StringComparison.Ordinal)
            )
        )
        {
            made.ShouldContain(one => one.By == by, $"{by} makes none any more: take it off the list ({reason})");
        }
    }

    [Fact]
    public void The_search_of_compiled_methods_would_find_them()
    {
        var made = Constructed(typeof(OneWayOutTests).Assembly.Location);

        made.ShouldContain(one => one.By.EndsWith("OneWayOutTests") && one.Type == "HttpClient");
        made.ShouldContain(one => one.By.EndsWith("OneWayOutTests") && one.Type == "WebRequest");
    }

    private static void Escape()
    {
        using var client = new HttpClient();
#pragma warning disable SYSLIB0014 // obsolete, but a way out
        System.Net.WebRequest.Create("http://127.0.0.1/");
#pragma warning restore SYSLIB0014
    }

    /// <summary>The product's assemblies: those beside the tests, and the whole program where it has been built.</summary>
    private static IEnumerable<string> Assemblies()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(Root(), "artifacts", "bin", "Tributary", folder.Name);
        return new[] { folder.FullName, program }
            .Where(Directory.Exists)
            .SelectMany(path => Directory.EnumerateFiles(path, "*.dll"))
            .Where(file =>
                Path.GetFileName(file) is var name && name.StartsWith("tributary", StringComparison.OrdinalIgnoreCase)
            )
            .Where(file => !Path.GetFileName(file).Contains("Test", StringComparison.Ordinal))
            .DistinctBy(Path.GetFileName);
    }

    /// <summary>Which methods of an assembly construct a way out: those that call one's constructor or a static member that makes one.</summary>
    private static List<(string By, string Type)> Constructed(string assembly)
    {
        using var file = File.OpenRead(assembly);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        var constructors = new Dictionary<int, string>();
        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (
                (
                    metadata.GetString(member.Name) == ".ctor"
                    || metadata.GetString(member.Name).StartsWith("Create")
                    || metadata.GetString(member.Name) == "ConnectAsync"
                )
                && member.Parent.Kind == HandleKind.TypeReference
                && metadata.GetTypeReference((TypeReferenceHandle)member.Parent) is var type
                && _waysOut.Contains(metadata.GetString(type.Name))
            )
            {
                constructors[MetadataTokens.GetToken(handle)] = metadata.GetString(type.Name);
            }
        }

        var made = new List<(string, string)>();
        foreach (var method in metadata.MethodDefinitions.Select(metadata.GetMethodDefinition))
        {
            if (method.RelativeVirtualAddress == 0)
            {
                continue;
            }

            var code = image.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!;
            for (var i = 0; i + 4 < code.Length; i++)
            {
                // newobj; call
                if (
                    code[i] is 0x73 or 0x28
                    && constructors.TryGetValue(BitConverter.ToInt32(code, i + 1), out var type)
                )
                {
                    made.Add((NameOf(metadata, method.GetDeclaringType()), type));
                }
            }
        }

        return made;
    }

    private static string NameOf(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        while (type.IsNested)
        {
            type = metadata.GetTypeDefinition(type.GetDeclaringType());
        }

        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }

    private static string Root([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));

    [GeneratedRegex(
        @"\bnew\s+(System\.Net\.(Http|Sockets)\.)?(HttpClient|HttpMessageInvoker|SocketsHttpHandler|HttpClientHandler|Socket|TcpClient|UdpClient|WebClient|SmtpClient|ClientWebSocket)\b"
            + @"|\b(HttpClient|SocketsHttpHandler|HttpClientHandler|Socket|TcpClient|UdpClient|WebClient|ClientWebSocket)\s+\w+\s*=\s*new\s*\("
            + @"|\bWebRequest\.Create"
    )]
    private static partial Regex WayOut();
}
