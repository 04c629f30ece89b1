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
    private static readonly ImmutableHashSet<string> _waysOut =
    [
        "HttpClient",
        "HttpMessageInvoker",
        "SocketsHttpHandler",
        "HttpClientHandler",
        "Socket",
        "TcpClient",
        "UdpClient",
        "WebClient",
        "SmtpClient",
        "ClientWebSocket",
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
        var offenders = Directory
            .EnumerateFiles(AppContext.BaseDirectory, "Tributary*.dll")
            .Where(file => !Path.GetFileName(file).Contains("Test", StringComparison.Ordinal))
            .SelectMany(Constructed)
            .Where(made => !made.By.StartsWith("Tributary.Engine.Outbound.", StringComparison.Ordinal))
            .ToList();

        offenders.ShouldBeEmpty();
    }

    /// <summary>Which methods of an assembly construct a way out: those with the instruction <c>newobj</c> on one.</summary>
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
                metadata.GetString(member.Name) == ".ctor"
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
                if (code[i] == 0x73 && constructors.TryGetValue(BitConverter.ToInt32(code, i + 1), out var type))
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
