using System.Numerics;
using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>
/// Finds the fields of closures and of <c>this</c> that a function reads, by following its code: through methods of the
/// same objects, local functions, nested lambdas, and the state machines of async methods and iterators. It errs on the
/// safe side only: a captured object that reaches code which can't be followed is needed whole. Reads count whatever
/// object they are made on, so an object met by two ways is never short of a field. One instance analyses one function.
/// </summary>
internal sealed class CaptureAnalysis
{
    private const int MethodsMax = 1000;
    private const int BitsMax = 64;
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly IReadOnlyList<Type> _captured;
    private readonly List<Type> _classes = [];
    private readonly List<FieldInfo> _addressed = [];
    private readonly List<MethodBase> _methods = [];
    private readonly Dictionary<MethodBase, ulong[]> _arguments = [];
    private readonly Dictionary<FieldKey, ulong> _stored = [];
    private readonly HashSet<Type> _generated = [];
    private readonly HashSet<FieldKey> _reads = [];
    private readonly List<FieldInfo> _writes = [];
    private ulong _escaped;
    private bool _gaveUp;
    private bool _changed;

    private CaptureAnalysis(IReadOnlyList<Type> captured) => _captured = captured;

    /// <summary>Analyses a function.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="captured">
    /// The run-time types of the object that it runs on, which comes first, and of all that this reaches as outer
    /// scopes.
    /// </param>
    public static CaptureNeeds Run(MethodInfo method, IReadOnlyList<Type> captured)
    {
        CaptureAnalysis analysis = new(captured);
        ulong[] arguments = new ulong[method.GetParameters().Length + (method.IsStatic ? 0 : 1)];
        arguments[0] = analysis.BitOf(method.IsStatic ? captured[0] : method.DeclaringType!);
        analysis.Call(method, arguments);
        do
        {
            analysis._changed = false;
            for (int i = 0; i < analysis._methods.Count && !analysis._gaveUp; i++)
            {
                MethodBase next = analysis._methods[i];
                if (!new MethodScan(analysis, next, analysis._arguments[next]).Run())
                {
                    analysis._gaveUp = true;
                }
            }
        }
        while (analysis._changed && !analysis._gaveUp);
        return analysis.Result();
    }

    /// <summary>The bit that stands for captured objects of a class.</summary>
    public ulong BitOf(Type type)
    {
        int index = _classes.IndexOf(type);
        if (index < 0)
        {
            if (_classes.Count == BitsMax)
            {
                _gaveUp = true;
                return 0;
            }

            index = _classes.Count;
            _classes.Add(type);
        }

        return 1UL << index;
    }

    /// <summary>
    /// The bit that stands for the address of a captured variable; none when there are too many to tell apart.
    /// </summary>
    public ulong AddressBitOf(FieldInfo field)
    {
        int index = _addressed.FindIndex(f => FieldKey.Of(f) == FieldKey.Of(field));
        if (index < 0)
        {
            if (_addressed.Count == BitsMax)
            {
                return 0;
            }

            index = _addressed.Count;
            _addressed.Add(field);
        }

        return 1UL << index;
    }

    /// <summary>Is a captured closure, rather than <c>this</c>, among the classes?</summary>
    public bool HasClosure(ulong classes)
    {
        for (; classes != 0; classes &= classes - 1)
        {
            if (CompilerNames.IsClosureClass(_classes[BitOperations.TrailingZeroCount(classes)]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The code reads a field, or takes its address.</summary>
    public void Read(FieldInfo field) => _changed |= _reads.Add(FieldKey.Of(field));

    /// <summary>The code assigns to a captured variable.</summary>
    public void Write(FieldInfo field)
    {
        if (!field.Name.StartsWith("<>", StringComparison.Ordinal)
            && !_writes.Exists(f => FieldKey.Of(f) == FieldKey.Of(field)))
        {
            _writes.Add(field);
        }
    }

    /// <summary>The code assigns through the address of captured variables.</summary>
    public void WriteAt(ulong addresses)
    {
        for (; addresses != 0; addresses &= addresses - 1)
        {
            Write(_addressed[BitOperations.TrailingZeroCount(addresses)]);
        }
    }

    /// <summary>
    /// Captured objects that the code put into a field of a closure or state machine which it made itself.
    /// </summary>
    public ulong Stored(FieldInfo field) => _stored.GetValueOrDefault(FieldKey.Of(field));

    /// <summary>The code puts captured objects into a field.</summary>
    public void Store(FieldInfo field, ulong classes)
    {
        Type owner = field.DeclaringType!;
        if (classes == 0 || !CompilerNames.IsGeneratedClass(owner))
        {
            Escape(classes);
            return;
        }

        ulong before = Stored(field);
        if ((before | classes) != before)
        {
            _stored[FieldKey.Of(field)] = before | classes;
            _changed = true;
        }

        if (_generated.Add(owner))
        {
            foreach (MethodInfo method in owner.GetMethods(Declared))
            {
                if (!method.IsGenericMethodDefinition && !method.IsStatic)
                {
                    Register(method, new ulong[method.GetParameters().Length + 1]);
                }
            }
        }
    }

    /// <summary>Captured objects come into the hands of code that can't be followed.</summary>
    public void Escape(ulong classes)
    {
        _changed |= (_escaped | classes) != _escaped;
        _escaped |= classes;
    }

    /// <summary>
    /// The code calls a method, or makes a delegate of it, with captured objects among the arguments.
    /// </summary>
    public void Call(MethodBase callee, ulong[] arguments)
    {
        bool touched = Array.Exists(arguments, static a => a != 0);
        if ((!touched && !CompilerNames.IsGeneratedMethod(callee))
            || (callee.DeclaringType == typeof(object) && callee.Name is "GetType" or ".ctor"))
        {
            return;
        }

        if (callee.GetMethodBody() is null)
        {
            foreach (ulong argument in arguments)
            {
                Escape(argument);
            }

            return;
        }

        Register(callee, arguments);
    }

    /// <summary>As <see cref="Call"/>, for a method that the class of the object picks.</summary>
    public void CallVirtual(MethodInfo callee, ulong[] arguments)
    {
        bool followed = false;
        foreach (Type type in _captured)
        {
            if (Includes(arguments[0], type) && VirtualMethods.Resolve(callee, type) is { } target)
            {
                Call(target, arguments);
                followed = true;
            }
        }

        if (!followed)
        {
            foreach (ulong argument in arguments)
            {
                Escape(argument);
            }
        }
        else if (arguments.AsSpan(1).ContainsAnyExcept(0UL))
        {
            // The receiver may also be an object that was not captured, with an override that nobody looked at.
            foreach (ulong argument in arguments.AsSpan(1))
            {
                Escape(argument);
            }
        }
    }

    private void Register(MethodBase method, ulong[] arguments)
    {
        if (!_arguments.TryGetValue(method, out ulong[]? known))
        {
            if (_methods.Count == MethodsMax)
            {
                _gaveUp = true;
                return;
            }

            _methods.Add(method);
            _arguments.Add(method, (ulong[])arguments.Clone());
            _changed = true;
            return;
        }

        for (int i = 0; i < known.Length; i++)
        {
            _changed |= (known[i] | arguments[i]) != known[i];
            known[i] |= arguments[i];
        }
    }

    private bool Includes(ulong classes, Type runtimeType)
    {
        for (; classes != 0; classes &= classes - 1)
        {
            if (_classes[BitOperations.TrailingZeroCount(classes)].IsAssignableFrom(runtimeType))
            {
                return true;
            }
        }

        return false;
    }

    private CaptureNeeds Result()
    {
        List<Type> whole = _gaveUp ? [typeof(object)] : [];
        for (ulong rest = _escaped; rest != 0; rest &= rest - 1)
        {
            whole.Add(_classes[BitOperations.TrailingZeroCount(rest)]);
        }

        return new CaptureNeeds(_reads, [.. whole], [.. _writes]);
    }
}
