using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lepton.Core;

/// <summary>Checks that stay on in release builds. A failure means a defect in Lepton, never bad input.</summary>
public static class Invariant
{
    /// <summary>Throws <see cref="InvariantException"/> unless <paramref name="condition"/> holds.</summary>
    public static void Check(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string expression = "",
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0)
    {
        if (!condition)
        {
            Fail(expression, file, line);
        }
    }

    [DoesNotReturn]
    private static void Fail(string expression, string file, int line) =>
        throw new InvariantException($"Broken invariant: {expression} ({Path.GetFileName(file)}:{line}). " +
            "This is a defect in Lepton; the module that found it stops.");
}
