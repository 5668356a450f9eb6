using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>
/// What calls, and pointers to functions, do to the evaluation stack of a method that is being scanned.
/// </summary>
internal readonly struct CallScan(CaptureAnalysis analysis, EvaluationStack stack)
{
    /// <summary>
    /// A call or the making of an object. <paramref name="makesDelegate"/>: a function was loaded just before.
    /// </summary>
    public bool Call(MethodBase callee, string code, bool makesDelegate)
    {
        ParameterInfo[] parameters = callee.GetParameters();
        bool takesThis = !callee.IsStatic && code != "newobj";
        int skipped = callee.IsStatic ? 0 : 1;
        ulong[] arguments = new ulong[parameters.Length + skipped];
        for (int i = parameters.Length - 1; i >= 0; i--)
        {
            StackValue value = stack.Pop();
            arguments[i + skipped] = value.Objects;
            if (value.Addresses != 0 && parameters[i].ParameterType.IsByRef && !IsReadOnly(parameters[i]))
            {
                analysis.WriteAt(value.Addresses);
            }
        }

        if (takesThis)
        {
            arguments[0] = stack.Pop().Objects;
        }

        if (code == "newobj" && makesDelegate && typeof(Delegate).IsAssignableFrom(callee.DeclaringType))
        {
            // The captured object becomes the delegate's target; its method was followed when it was loaded.
            stack.Push(default);
            return true;
        }

        if (code == "callvirt" && callee is MethodInfo { IsVirtual: true, IsFinal: false } chosen)
        {
            analysis.CallVirtual(chosen, arguments);
        }
        else
        {
            analysis.Call(callee, arguments);
        }

        if (code == "newobj" || callee is MethodInfo { ReturnType: var returned } && returned != typeof(void))
        {
            stack.Push(default);
        }

        return true;
    }

    /// <summary>A pointer to a function, which a delegate is going to be made of with the object below it.</summary>
    public bool LoadFunction(MethodBase callee, string code)
    {
        ulong[] arguments = new ulong[callee.GetParameters().Length + (callee.IsStatic ? 0 : 1)];
        StackValue target = code == "ldvirtftn" ? stack.Pop() : stack.Peek();
        if (arguments.Length > 0)
        {
            arguments[0] = target.Objects;
        }
        else
        {
            analysis.Escape(target.Objects);
        }

        if (code == "ldvirtftn" && callee is MethodInfo { IsVirtual: true, IsFinal: false } chosen)
        {
            analysis.CallVirtual(chosen, arguments);
        }
        else
        {
            analysis.Call(callee, arguments);
        }

        stack.Push(default);
        return true;
    }

    private static bool IsReadOnly(ParameterInfo parameter) =>
        parameter.IsIn && !parameter.IsOut;
}
