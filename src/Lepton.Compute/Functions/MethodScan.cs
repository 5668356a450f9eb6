using System.Reflection;
using System.Reflection.Emit;

namespace Lepton.Compute.Functions;

/// <summary>
/// Runs one method body on abstract values that only tell where captured objects may be, and reports to the
/// <see cref="CaptureAnalysis"/> what is read, written, called and let go. Variables count as one value for the whole
/// body; the evaluation stack is followed exactly and joined where paths meet.
/// </summary>
internal sealed class MethodScan
{
    private readonly CaptureAnalysis _analysis;
    private readonly MethodBase _method;
    private readonly MethodBody _body;
    private readonly TokenResolver _tokens;
    private readonly StackValue[] _arguments;
    private readonly StackValue[] _locals;
    private readonly Stack<int> _open = new();
    private readonly EvaluationStack _stack = new();
    private IlInstruction[] _code = [];
    private Dictionary<int, int> _indexOfOffset = [];
    private StackValue[]?[] _entries = [];
    private bool _variablesChanged;

    public MethodScan(CaptureAnalysis analysis, MethodBase method, ulong[] arguments)
    {
        _analysis = analysis;
        _method = method;
        _body = method.GetMethodBody()!;
        _tokens = new TokenResolver(method);
        _arguments = Array.ConvertAll(arguments, static a => new StackValue(a));
        _locals = new StackValue[_body.LocalVariables.Count];
    }

    /// <summary>Scans the body; false when it can't be followed.</summary>
    public bool Run()
    {
        if (IlReader.Read(_body.GetILAsByteArray()) is not { } code)
        {
            return false;
        }

        _code = code;
        _indexOfOffset = [];
        for (int i = 0; i < code.Length; i++)
        {
            _indexOfOffset.Add(code[i].Offset, i);
        }

        do
        {
            _variablesChanged = false;
            if (!RunOnce())
            {
                return false;
            }
        }
        while (_variablesChanged);
        return true;
    }

    private bool RunOnce()
    {
        _entries = new StackValue[_code.Length][];
        if (!Enter(0, []) || !EnterHandlers())
        {
            return false;
        }

        while (_open.TryPop(out int index))
        {
            _stack.Restore(_entries[index]!);
            if (!Step(index) || _stack.IsBroken)
            {
                return false;
            }

            if (!Continue(index))
            {
                return false;
            }
        }

        return true;
    }

    private bool EnterHandlers()
    {
        foreach (ExceptionHandlingClause clause in _body.ExceptionHandlingClauses)
        {
            bool takesException = clause.Flags is ExceptionHandlingClauseOptions.Clause
                or ExceptionHandlingClauseOptions.Filter;
            StackValue[] stack = takesException ? [default] : [];
            if (!Enter(clause.HandlerOffset, stack)
                || (clause.Flags == ExceptionHandlingClauseOptions.Filter && !Enter(clause.FilterOffset, stack)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Passes the stack on to the instructions that may come next.</summary>
    private bool Continue(int index)
    {
        IlInstruction instruction = _code[index];
        foreach (int target in instruction.Targets)
        {
            if (!Enter(target, _stack.Snapshot()))
            {
                return false;
            }
        }

        bool branches = instruction.Code.OperandType is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget;
        StackValue[] stack = instruction.Code.Name is "leave" or "leave.s" ? [] : _stack.Snapshot();
        if (branches && !Enter(instruction.Operand, stack))
        {
            return false;
        }

        bool ends = instruction.Code.FlowControl is FlowControl.Branch or FlowControl.Return or FlowControl.Throw;
        return ends || (index + 1 < _code.Length && Enter(_code[index + 1].Offset, stack));
    }

    private bool Enter(int offset, StackValue[] stack)
    {
        if (!_indexOfOffset.TryGetValue(offset, out int index))
        {
            return false;
        }

        if (_entries[index] is not { } known)
        {
            _entries[index] = stack;
            _open.Push(index);
            return true;
        }

        if (known.Length != stack.Length)
        {
            return false;
        }

        StackValue[] joined = new StackValue[stack.Length];
        for (int i = 0; i < stack.Length; i++)
        {
            joined[i] = known[i] | stack[i];
        }

        if (!joined.AsSpan().SequenceEqual(known))
        {
            _entries[index] = joined;
            _open.Push(index);
        }

        return true;
    }

    /// <summary>Performs one instruction on the stack; false when it can't be followed.</summary>
    private bool Step(int index)
    {
        IlInstruction instruction = _code[index];
        if (StepVariable(instruction))
        {
            return true;
        }

        switch (instruction.Code.Name)
        {
            case "dup":
                StackValue top = _stack.Pop();
                _stack.Push(top);
                _stack.Push(top);
                return true;
            case "pop" or "ceq" or "cgt.un" or "clt.un" or "brtrue" or "brtrue.s" or "brfalse" or "brfalse.s"
                or "beq" or "beq.s" or "bne.un" or "bne.un.s":
                // Comparing references, or dropping them, tells nobody what is in the object.
                StepHarmless(instruction);
                return true;
            case "castclass" or "isinst":
                return true;
            case "ldfld" or "ldflda" or "stfld" or "ldsfld" or "ldsflda" or "stsfld":
                return _tokens.Field(instruction.Operand) is { } field && StepField(instruction.Code.Name, field);
            case "ldobj" or "stobj" or "initobj" or "cpobj" or "stind.ref" or "stind.i" or "stind.i1" or "stind.i2"
                or "stind.i4" or "stind.i8" or "stind.r4" or "stind.r8":
                StepIndirect(instruction);
                return true;
            case "call" or "callvirt" or "newobj":
                return _tokens.Method(instruction.Operand) is { } callee
                    && new CallScan(_analysis, _stack).Call(callee, instruction.Code.Name, MakesDelegate(index));
            case "ldftn" or "ldvirtftn":
                return _tokens.Method(instruction.Operand) is { } pointed
                    && new CallScan(_analysis, _stack).LoadFunction(pointed, instruction.Code.Name);
            case "calli" or "jmp" or "mkrefany" or "refanyval" or "arglist":
                return false;
            case "ret":
                if (_method is MethodInfo { ReturnType: var returned } && returned != typeof(void))
                {
                    _analysis.Escape(_stack.Pop().Objects);
                }

                return true;
            default:
                StepOther(instruction);
                return true;
        }
    }

    private bool MakesDelegate(int index) => index > 0 && _code[index - 1].Code.Name is "ldftn" or "ldvirtftn";

    private bool StepVariable(IlInstruction instruction)
    {
        string name = instruction.Code.Name!;
        bool argument = name.StartsWith("ldarg", StringComparison.Ordinal)
            || name.StartsWith("starg", StringComparison.Ordinal);
        bool local = name.StartsWith("ldloc", StringComparison.Ordinal)
            || name.StartsWith("stloc", StringComparison.Ordinal);
        if (!argument && !local)
        {
            return false;
        }

        StackValue[] variables = argument ? _arguments : _locals;
        int number = instruction.Code.OperandType == OperandType.InlineNone ? name[^1] - '0' : instruction.Operand;
        if (number >= variables.Length)
        {
            _stack.Break();
        }
        else if (name.StartsWith("st", StringComparison.Ordinal))
        {
            StackValue joined = variables[number] | _stack.Pop();
            _variablesChanged |= joined != variables[number];
            variables[number] = joined;
        }
        else if (name is "ldarga" or "ldarga.s" or "ldloca" or "ldloca.s")
        {
            _analysis.Escape(variables[number].Objects);
            _stack.Push(default);
        }
        else
        {
            _stack.Push(variables[number]);
        }

        return true;
    }

    private bool StepField(string name, FieldInfo field)
    {
        StackValue value = name is "stfld" or "stsfld" ? _stack.Pop() : default;
        StackValue owner = name.Contains("sfld", StringComparison.Ordinal) ? default : _stack.Pop();
        switch (name)
        {
            case "ldfld":
                _analysis.Read(field);
                ulong link = owner.Objects != 0 && CompilerNames.IsLinkToOuterScope(field)
                    ? _analysis.BitOf(field.FieldType)
                    : 0;
                _stack.Push(new StackValue(link | _analysis.Stored(field)));
                break;
            case "ldflda":
                _analysis.Read(field);
                _analysis.Escape(_analysis.Stored(field));
                ulong variable = _analysis.HasClosure(owner.Objects) ? _analysis.AddressBitOf(field) : 0;
                _stack.Push(new StackValue(0, variable | owner.Addresses));
                break;
            case "stfld":
                _analysis.Store(field, value.Objects);
                _analysis.WriteAt(owner.Addresses);
                if (_analysis.HasClosure(owner.Objects))
                {
                    _analysis.Write(field);
                }

                break;
            case "stsfld":
                _analysis.Escape(value.Objects);
                break;
            default:
                _stack.Push(default);
                break;
        }

        return true;
    }

    private void StepIndirect(IlInstruction instruction)
    {
        string name = instruction.Code.Name!;
        if (name is not ("ldobj" or "initobj"))
        {
            _analysis.Escape(_stack.Pop().Objects);
        }

        StackValue address = _stack.Pop();
        _analysis.Escape(address.Objects);
        if (name == "ldobj")
        {
            _stack.Push(default);
        }
        else
        {
            _analysis.WriteAt(address.Addresses);
        }
    }

    private void StepHarmless(IlInstruction instruction)
    {
        for (int i = StackEffect.Pops(instruction.Code); i > 0; i--)
        {
            _stack.Pop();
        }

        if (StackEffect.Pushes(instruction.Code) > 0)
        {
            _stack.Push(default);
        }
    }

    private void StepOther(IlInstruction instruction)
    {
        for (int i = StackEffect.Pops(instruction.Code); i > 0; i--)
        {
            _analysis.Escape(_stack.Pop().Objects);
        }

        for (int i = StackEffect.Pushes(instruction.Code); i > 0; i--)
        {
            _stack.Push(default);
        }
    }
}
