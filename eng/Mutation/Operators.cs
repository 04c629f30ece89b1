using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Tributary.Mutation;

/// <summary>Which operators are taken for which.</summary>
internal static class Operators
{
    /// <summary>Boundary and opposite of comparisons; the counterparts of the others.</summary>
    public static SyntaxKind[] InsteadOf(SyntaxKind kind) =>
        kind switch
        {
            SyntaxKind.LessThanExpression =>
            [
                SyntaxKind.LessThanOrEqualExpression,
                SyntaxKind.GreaterThanOrEqualExpression,
            ],
            SyntaxKind.LessThanOrEqualExpression => [SyntaxKind.LessThanExpression, SyntaxKind.GreaterThanExpression],
            SyntaxKind.GreaterThanExpression =>
            [
                SyntaxKind.GreaterThanOrEqualExpression,
                SyntaxKind.LessThanOrEqualExpression,
            ],
            SyntaxKind.GreaterThanOrEqualExpression =>
            [
                SyntaxKind.GreaterThanExpression,
                SyntaxKind.LessThanExpression,
            ],
            SyntaxKind.EqualsExpression => [SyntaxKind.NotEqualsExpression],
            SyntaxKind.NotEqualsExpression => [SyntaxKind.EqualsExpression],
            SyntaxKind.LogicalAndExpression => [SyntaxKind.LogicalOrExpression],
            SyntaxKind.LogicalOrExpression => [SyntaxKind.LogicalAndExpression],
            SyntaxKind.AddExpression => [SyntaxKind.SubtractExpression],
            SyntaxKind.SubtractExpression => [SyntaxKind.AddExpression],
            SyntaxKind.MultiplyExpression => [SyntaxKind.DivideExpression],
            SyntaxKind.DivideExpression or SyntaxKind.ModuloExpression => [SyntaxKind.MultiplyExpression],
            _ => [],
        };

    /// <summary>The same operands with another operator.</summary>
    public static ExpressionSyntax With(BinaryExpressionSyntax node, SyntaxKind kind) =>
        BinaryExpression(kind, Whole(node.Left), Whole(node.Right));

    /// <summary>The opposite.</summary>
    public static ExpressionSyntax Not(ExpressionSyntax node) =>
        PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, ParenthesizedExpression(node.WithoutTrivia()));

    /// <summary>Up for down; null for an expression that is neither.</summary>
    public static ExpressionSyntax? Opposite(ExpressionSyntax node) =>
        node switch
        {
            AssignmentExpressionSyntax assignment => assignment.Kind() switch
            {
                SyntaxKind.AddAssignmentExpression => AssignmentExpression(
                    SyntaxKind.SubtractAssignmentExpression,
                    assignment.Left,
                    assignment.Right
                ),
                SyntaxKind.SubtractAssignmentExpression => AssignmentExpression(
                    SyntaxKind.AddAssignmentExpression,
                    assignment.Left,
                    assignment.Right
                ),
                _ => null,
            },
            PostfixUnaryExpressionSyntax unary => unary.Kind() switch
            {
                SyntaxKind.PostIncrementExpression => PostfixUnaryExpression(
                    SyntaxKind.PostDecrementExpression,
                    unary.Operand
                ),
                SyntaxKind.PostDecrementExpression => PostfixUnaryExpression(
                    SyntaxKind.PostIncrementExpression,
                    unary.Operand
                ),
                _ => null,
            },
            _ => null,
        };

    // Another operator may bind more tightly than the one that stood there.
    private static ExpressionSyntax Whole(ExpressionSyntax operand) =>
        operand is BinaryExpressionSyntax or ConditionalExpressionSyntax
            ? ParenthesizedExpression(operand.WithoutTrivia())
            : operand.WithoutTrivia();
}
