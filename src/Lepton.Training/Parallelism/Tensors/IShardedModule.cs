using Lepton.Torch.Modules;

namespace Lepton.Training.Parallelism;

/// <summary>A module of which each rank of the tensor axis holds a part.</summary>
public interface IShardedModule
{
    /// <summary>Its own parameters that are divided, and how; those not among them are the same on all ranks.</summary>
    IReadOnlyList<KeyValuePair<Parameter, TensorShard>> Shards { get; }
}
