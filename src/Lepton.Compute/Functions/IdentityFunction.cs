using System.Reflection;
using System.Reflection.Emit;

namespace Lepton.Compute.Functions;

/// <summary>Tells functions that give back what they are given, such as <c>word => word</c>, by their code.</summary>
internal static class IdentityFunction
{
    /// <summary>Whether it surely is one. One that says the same with more code is not seen to be.</summary>
    public static bool Is<TIn, TOut>(Func<TIn, TOut> function)
    {
        MethodInfo method = function.Method;

        // A method that was emitted at run time belongs to no type, and does not show its code.
        if (typeof(TIn) != typeof(TOut) || !function.HasSingleTarget || method.DeclaringType is null)
        {
            return false;
        }

        OpCode load = method.IsStatic ? OpCodes.Ldarg_0 : OpCodes.Ldarg_1;
        return method.GetMethodBody()?.GetILAsByteArray() is [var first, var second]
            && first == load.Value && second == OpCodes.Ret.Value;
    }
}
