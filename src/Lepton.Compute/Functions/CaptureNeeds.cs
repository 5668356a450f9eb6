using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>What a function takes from the closures and the <c>this</c> that it was made with. Immutable.</summary>
internal sealed class CaptureNeeds
{
    private readonly HashSet<FieldKey> _reads;
    private readonly Type[] _whole;

    public CaptureNeeds(HashSet<FieldKey> reads, Type[] whole, FieldInfo[] writes)
    {
        _reads = reads;
        _whole = whole;
        Writes = writes;
    }

    /// <summary>Captured variables that the function assigns to, in the order found.</summary>
    public IReadOnlyList<FieldInfo> Writes { get; }

    /// <summary>Does the function read this field, directly or through another method?</summary>
    public bool Reads(FieldInfo field) => _reads.Contains(FieldKey.Of(field));

    /// <summary>
    /// Does the function hand objects of this class to code that can't be followed, so that all of it is needed?
    /// </summary>
    public bool NeedsWhole(Type runtimeType) => Array.Exists(_whole, t => t.IsAssignableFrom(runtimeType));
}
