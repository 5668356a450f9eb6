namespace Lepton.Compute.Functions;

/// <summary>The evaluation stack of a method that is being scanned. A pop too many breaks it for good.</summary>
internal sealed class EvaluationStack
{
    private readonly List<StackValue> _values = [];

    /// <summary>True when the code asked for more than there was.</summary>
    public bool IsBroken { get; private set; }

    public void Break() => IsBroken = true;

    public void Push(StackValue value) => _values.Add(value);

    public StackValue Pop()
    {
        if (_values.Count == 0)
        {
            IsBroken = true;
            return default;
        }

        StackValue top = _values[^1];
        _values.RemoveAt(_values.Count - 1);
        return top;
    }

    /// <summary>The value on top, which stays.</summary>
    public StackValue Peek() => _values.Count == 0 ? default : _values[^1];

    public StackValue[] Snapshot() => [.. _values];

    public void Restore(StackValue[] values)
    {
        _values.Clear();
        _values.AddRange(values);
    }
}
