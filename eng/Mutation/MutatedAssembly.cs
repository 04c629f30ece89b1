using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Tributary.Mutation;

/// <summary>One of the product's assemblies, compiled once with all mutants in it; those that do not compile are left out.</summary>
internal sealed class MutatedAssembly(Repository repository, string project)
{
    private static readonly CSharpParseOptions _parsing = new(LanguageVersion.Latest);

    /// <summary>How many were left out because they do not compile.</summary>
    public int Left { get; private set; }

    /// <summary>Compiles into <paramref name="folder"/>, where the product's other assemblies are.</summary>
    /// <param name="folder">A test project's output.</param>
    /// <param name="isMutated">Whether a source file, relative to the repository, is to have mutants.</param>
    /// <param name="first">The number of its first mutant.</param>
    /// <returns>The mutants.</returns>
    public IReadOnlyList<Mutant> Compile(string folder, Func<string, bool> isMutated, int first)
    {
        var references = References(folder);
        var plain = Sources().Select(path => Parse(path)).ToList();
        var asked = CSharpSyntaxTree.ParseText(MutantSwitch.Source, _parsing);
        var generated = Generated(Compilation([.. plain, asked], references)).ToList();
        var left = new HashSet<int>();
        while (true)
        {
            var all = new List<Mutant>();
            var trees = plain
                .Select(tree =>
                    Path.GetRelativePath(repository.Root, tree.FilePath) is var file && isMutated(file)
                        ? tree.WithRootAndOptions(
                            new Mutator(file, first, all, left).Visit(tree.GetRoot()),
                            (CSharpParseOptions)tree.Options
                        )
                        : tree
                )
                .Concat(generated)
                .Append(asked)
                // Once: every look at it numbers the mutants anew.
                .ToList();
            var target = Path.Combine(folder, project + ".dll");
            var result = Compilation(trees, references).Emit(target);
            if (result.Success)
            {
                Left += left.Count;
                return [.. all.Where(mutant => !left.Contains(mutant.Number))];
            }

            var errors = result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
            var before = left.Count;
            foreach (var error in errors)
            {
                left.UnionWith(At(error));
            }

            if (left.Count == before)
            {
                throw new InvalidOperationException(
                    $"{project} does not compile, and no mutant is to blame: {string.Join('\n', errors)}"
                );
            }
        }
    }

    private IEnumerable<string> Sources() =>
        Directory
            .EnumerateFiles(Path.Combine(repository.Root, "src", project), "*.cs", SearchOption.AllDirectories)
            .Concat(
                Directory
                    .EnumerateFiles(repository.Intermediate(project), "*.cs")
                    .Where(path => path.EndsWith("AssemblyInfo.cs") || path.EndsWith("GlobalUsings.g.cs"))
            )
            .Order(StringComparer.Ordinal);

    private static SyntaxTree Parse(string path) =>
        CSharpSyntaxTree.ParseText(SourceText.From(File.ReadAllText(path), System.Text.Encoding.UTF8), _parsing, path);

    /// <summary>The framework's, and those of a test's output folder.</summary>
    private List<PortableExecutableReference> References(string folder) =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !path.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal))
            .Concat(Directory.EnumerateFiles(folder, "*.dll"))
            .DistinctBy(Path.GetFileName)
            .Where(path => Path.GetFileNameWithoutExtension(path) != project && IsManaged(path))
            // In memory, since some of these files are about to be replaced.
            .Select(path => MetadataReference.CreateFromImage(File.ReadAllBytes(path)))
            .ToList();

    private static bool IsManaged(string path)
    {
        try
        {
            AssemblyName.GetAssemblyName(path);
            return true;
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }

    private CSharpCompilation Compilation(IEnumerable<SyntaxTree> trees, IEnumerable<MetadataReference> references) =>
        CSharpCompilation.Create(
            project,
            trees,
            references,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release,
                nullableContextOptions: NullableContextOptions.Enable,
                deterministic: true
            )
        );

    private static IEnumerable<SyntaxTree> Generated(CSharpCompilation compilation)
    {
        var generators = Repository
            .GeneratorAssemblies()
            .SelectMany(path =>
                new AnalyzerFileReference(path, new GeneratorLoader()).GetGenerators(LanguageNames.CSharp)
            );
        CSharpGeneratorDriver
            .Create(generators, parseOptions: _parsing)
            .RunGeneratorsAndUpdateCompilation(compilation, out var updated, out _);
        return updated.SyntaxTrees.Except(compilation.SyntaxTrees);
    }

    /// <summary>The mutant that an error lies in; else those that lie next to it.</summary>
    private static IEnumerable<int> At(Diagnostic error)
    {
        if (error.Location.SourceTree is not { } tree)
        {
            return [];
        }

        var node = tree.GetRoot().FindNode(error.Location.SourceSpan, getInnermostNodeForTie: true);
        var around = node.AncestorsAndSelf()
            .TakeWhile(outer => outer is not MemberDeclarationSyntax)
            .FirstOrDefault(outer => outer.HasAnnotations(Mutator.Annotation));
        var blamed = around is not null
            ? [around]
            : node.AncestorsAndSelf()
                .Select(outer => outer.DescendantNodes().Where(inner => inner.HasAnnotations(Mutator.Annotation)))
                .First(inner => inner.Any());
        return blamed.SelectMany(one => one.GetAnnotations(Mutator.Annotation)).Select(one => int.Parse(one.Data!));
    }

    private sealed class GeneratorLoader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath) { }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
