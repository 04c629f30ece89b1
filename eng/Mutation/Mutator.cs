using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Tributary.Mutation;

/// <summary>
/// Puts every mistake that it can think of into one file, each behind its switch: <c>(Mutants.Is(17) ? a &gt; b : a &gt;= b)</c>.
/// </summary>
/// <param name="file">The file's path, relative to the repository.</param>
/// <param name="first">The number of the first mutant.</param>
/// <param name="mutants">All so far; its own are added.</param>
/// <param name="left">Numbers that do not compile, and are left out.</param>
internal sealed class Mutator(string file, int first, List<Mutant> mutants, IReadOnlySet<int> left)
    : CSharpSyntaxRewriter
{
    /// <summary>The kind of annotation that tells which mutant a node belongs to.</summary>
    public const string Annotation = "mutant";

    // What must be constant, or is no code: nothing in it can depend on a switch.
    public override SyntaxNode? VisitAttributeList(AttributeListSyntax node) => node;

    public override SyntaxNode? VisitParameter(ParameterSyntax node) => node;

    public override SyntaxNode? VisitEnumMemberDeclaration(EnumMemberDeclarationSyntax node) => node;

    public override SyntaxNode? VisitCaseSwitchLabel(CaseSwitchLabelSyntax node) => node;

    public override SyntaxNode? VisitConstantPattern(ConstantPatternSyntax node) => node;

    public override SyntaxNode? VisitRelationalPattern(RelationalPatternSyntax node) => node;

    public override SyntaxNode? VisitFieldDeclaration(FieldDeclarationSyntax node) =>
        node.Modifiers.Any(SyntaxKind.ConstKeyword) ? node : base.VisitFieldDeclaration(node);

    public override SyntaxNode? VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node) =>
        node.IsConst ? node : base.VisitLocalDeclarationStatement(node);

    public override SyntaxNode? VisitForStatement(ForStatementSyntax node) =>
        // But for how it counts: a loop that counts the other way never ends, and there is nothing to learn from it.
        node.WithDeclaration((VariableDeclarationSyntax?)Visit(node.Declaration))
            .WithInitializers(VisitList(node.Initializers))
            .WithCondition((ExpressionSyntax?)Visit(node.Condition))
            .WithStatement((StatementSyntax)Visit(node.Statement)!);

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        SyntaxNode visited = base.VisitBinaryExpression(node)!;
        foreach (var kind in Operators.InsteadOf(node.Kind()))
        {
            visited = Switched(node, visited, Operators.With(node, kind));
        }

        return node.IsKind(SyntaxKind.CoalesceExpression) && node.Right is not ThrowExpressionSyntax
            ? Switched(node, Switched(node, visited, node.Left), node.Right)
            : visited;
    }

    public override SyntaxNode? VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node)
    {
        var visited = base.VisitPrefixUnaryExpression(node)!;
        return node.Kind() is SyntaxKind.LogicalNotExpression or SyntaxKind.UnaryMinusExpression
            ? Switched(node, visited, node.Operand)
            : visited;
    }

    public override SyntaxNode? VisitIsPatternExpression(IsPatternExpressionSyntax node) =>
        Switched(node, base.VisitIsPatternExpression(node)!, Operators.Not(node));

    public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node) =>
        node.Kind() switch
        {
            SyntaxKind.TrueLiteralExpression when node.Parent is not WhileStatementSyntax => Switched(
                node,
                node,
                LiteralExpression(SyntaxKind.FalseLiteralExpression)
            ),
            SyntaxKind.FalseLiteralExpression => Switched(
                node,
                node,
                LiteralExpression(SyntaxKind.TrueLiteralExpression)
            ),
            SyntaxKind.StringLiteralExpression => Switched(
                node,
                node,
                LiteralExpression(
                    SyntaxKind.StringLiteralExpression,
                    Literal(node.Token.ValueText.Length == 0 ? "mutant" : "")
                )
            ),
            _ => node,
        };

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        if (node.Expression is IdentifierNameSyntax { Identifier.ValueText: "nameof" })
        {
            return node;
        }

        if (node.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait" } awaited)
        {
            // Where an await goes on concerns nobody: there is no context to go back to.
            return node.WithExpression((ExpressionSyntax)Visit(awaited)!);
        }

        var visited = base.VisitInvocationExpression(node)!;
        return node.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Min" or "Max" } access
            ? Switched(
                node,
                visited,
                node.WithExpression(
                    access.WithName(IdentifierName(access.Name.Identifier.ValueText == "Min" ? "Max" : "Min"))
                )
            )
            : visited;
    }

    public override SyntaxNode? VisitConditionalExpression(ConditionalExpressionSyntax node)
    {
        var visited = (ConditionalExpressionSyntax)base.VisitConditionalExpression(node)!;
        return visited.WithCondition(Negated(node.Condition, visited.Condition));
    }

    public override SyntaxNode? VisitIfStatement(IfStatementSyntax node)
    {
        var visited = (IfStatementSyntax)base.VisitIfStatement(node)!;
        return visited.WithCondition(Negated(node.Condition, visited.Condition));
    }

    public override SyntaxNode? VisitReturnStatement(ReturnStatementSyntax node)
    {
        var visited = (ReturnStatementSyntax)base.VisitReturnStatement(node)!;
        return node.Expression is { } result
            ? visited.WithExpression(Defaulted(result, visited.Expression!).WithLeadingTrivia(Space))
            : visited;
    }

    public override SyntaxNode? VisitArrowExpressionClause(ArrowExpressionClauseSyntax node)
    {
        var visited = (ArrowExpressionClauseSyntax)base.VisitArrowExpressionClause(node)!;
        return visited.WithExpression(Defaulted(node.Expression, visited.Expression));
    }

    public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        var visited = (StatementSyntax)base.VisitExpressionStatement(node)!;
        return node.Expression switch
        {
            InvocationExpressionSyntax or ConditionalAccessExpressionSyntax or AwaitExpressionSyntax => Instead(
                node,
                visited,
                Block()
            ),
            AssignmentExpressionSyntax
            or PostfixUnaryExpressionSyntax
            or PrefixUnaryExpressionSyntax when Operators.Opposite(node.Expression) is { } opposite => Instead(
                node,
                visited,
                ExpressionStatement(opposite)
            ),
            _ => visited,
        };
    }

    private ExpressionSyntax Negated(ExpressionSyntax node, ExpressionSyntax visited) =>
        // Of comparisons and negations there are better mistakes.
        node is InvocationExpressionSyntax or IdentifierNameSyntax or MemberAccessExpressionSyntax
            ? Switched(node, visited, Operators.Not(node))
            : visited;

    private ExpressionSyntax Defaulted(ExpressionSyntax node, ExpressionSyntax visited) =>
        node is ThrowExpressionSyntax or AssignmentExpressionSyntax or RefExpressionSyntax
        || node.Kind()
            is SyntaxKind.NullLiteralExpression
                or SyntaxKind.DefaultLiteralExpression
                or SyntaxKind.FalseLiteralExpression
                or SyntaxKind.TrueLiteralExpression
                or SyntaxKind.StringLiteralExpression
            ? visited
            : Switched(node, visited, LiteralExpression(SyntaxKind.DefaultLiteralExpression));

    private ExpressionSyntax Switched(ExpressionSyntax node, SyntaxNode visited, ExpressionSyntax mutated)
    {
        // What a copy declares would be declared twice.
        if (node.DescendantNodes().Any(inner => inner is VariableDesignationSyntax and not DiscardDesignationSyntax))
        {
            return (ExpressionSyntax)visited;
        }

        var number = Add(node, mutated);
        return left.Contains(number)
            ? (ExpressionSyntax)visited
            : ParenthesizedExpression(
                    ConditionalExpression(
                        Switch(number),
                        ParenthesizedExpression(mutated.WithoutTrivia()),
                        ParenthesizedExpression(((ExpressionSyntax)visited).WithoutTrivia())
                    )
                )
                .WithTriviaFrom(node)
                .WithAdditionalAnnotations(Marked(number));
    }

    private StatementSyntax Instead(StatementSyntax node, StatementSyntax visited, StatementSyntax mutated)
    {
        if (node.DescendantNodes().Any(inner => inner is VariableDesignationSyntax and not DiscardDesignationSyntax))
        {
            return visited;
        }

        var number = Add(node, mutated);
        return left.Contains(number)
            ? visited
            : IfStatement(Switch(number), mutated, ElseClause(visited)).WithAdditionalAnnotations(Marked(number));
    }

    private static SyntaxAnnotation Marked(int number) => new(Annotation, $"{number}");

    private static ExpressionSyntax Switch(int number) => ParseExpression($" global::Mutants.Is({number}) ");

    private int Add(SyntaxNode node, SyntaxNode mutated)
    {
        var member = node.Ancestors()
            .Select(outer =>
                outer switch
                {
                    MethodDeclarationSyntax method => method.Identifier.ValueText,
                    PropertyDeclarationSyntax property => property.Identifier.ValueText,
                    ConstructorDeclarationSyntax constructor => constructor.Identifier.ValueText,
                    VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax } field => field
                        .Identifier
                        .ValueText,
                    _ => null,
                }
            )
            .FirstOrDefault(name => name is not null);
        var text = mutated is BlockSyntax ? "(nothing)" : OneLine(mutated);
        var line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
        var number = first + mutants.Count;
        mutants.Add(new Mutant(number, file, line, member ?? "", $"{OneLine(node)} → {text}"));
        return number;
    }

    private static string OneLine(SyntaxNode node) => node.NormalizeWhitespace(" ", " ").ToString();
}
