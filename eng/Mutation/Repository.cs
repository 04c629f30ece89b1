namespace Tributary.Mutation;

/// <summary>Where things lie.</summary>
internal sealed class Repository(string root)
{
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Copies of test projects' outputs, with mutated assemblies in them.</summary>
    public string Work => Path.Combine(Root, "artifacts/mutation");

    public string Intermediate(string project) => Path.Combine(Root, "artifacts/obj", project, "release");

    /// <summary>A fresh copy of what a test project was built to.</summary>
    public string Copy(string testProject)
    {
        var from = Path.Combine(Root, "artifacts/bin", testProject, "release");
        var to = Path.Combine(Work, testProject);
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return to;
    }

    /// <summary>The framework's source generators.</summary>
    public static IEnumerable<string> GeneratorAssemblies()
    {
        // …/shared/Microsoft.NETCore.App/10.0.0/System.Private.CoreLib.dll
        var dotnet = Path.GetFullPath(Path.Combine(typeof(object).Assembly.Location, "../../../.."));
        return new[] { "Microsoft.NETCore.App.Ref", "Microsoft.AspNetCore.App.Ref" }.SelectMany(pack =>
            Directory
                .EnumerateDirectories(Path.Combine(dotnet, "packs", pack), "10.*")
                .Order(StringComparer.Ordinal)
                .TakeLast(1)
                .SelectMany(version => Directory.EnumerateFiles(Path.Combine(version, "analyzers/dotnet/cs"), "*.dll"))
        );
    }
}
