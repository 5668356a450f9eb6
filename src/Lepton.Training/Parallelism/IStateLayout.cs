using Lepton.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// How a training's state lies on ranks that do not each have all of it, so that checkpoints hold whole tensors and
/// know no ranks. Keys are those of checkpoints: <c>model/NAME</c> and <c>optimizer/NAME.SLOT</c>.
/// </summary>
internal interface IStateLayout
{
    /// <summary>The tensors that this rank writes, whole, on the CPU and the caller's; all ranks call it.</summary>
    Dictionary<string, Tensor> ShareOf(IReadOnlyDictionary<string, Tensor> tensors);

    /// <summary>All ranks' numbers, by key; all ranks call it.</summary>
    IReadOnlyDictionary<string, double> AllNumbers(IReadOnlyDictionary<string, double> numbers);

    /// <summary>Whether a key of a checkpoint is another rank's business.</summary>
    bool IsElsewhere(string key);

    /// <summary>What this rank needs of a whole tensor.</summary>
    Tensor CutOf(string key, Tensor whole);

    /// <summary>What this rank's optimizer needs of all numbers.</summary>
    IReadOnlyDictionary<string, double> OwnNumbers(IReadOnlyDictionary<string, double> numbers);
}
