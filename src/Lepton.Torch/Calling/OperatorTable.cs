using System.Collections.Concurrent;

namespace Lepton.Torch;

/// <summary>The operators that were called by name so far, so that a name is looked up once.</summary>
internal sealed class OperatorTable
{
    private readonly ConcurrentDictionary<string, TorchOperator> _operators = new(StringComparer.Ordinal);

    public TorchOperator this[string name] => _operators.GetOrAdd(name, static key => new TorchOperator(key));
}
