using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Checkpoints;

namespace Lepton.Training.Parallelism;

/// <summary>
/// A rank's parameters and buffers: which are divided along the tensor axis, and which rank of the data axis answers
/// for each, so that each answers for about as many bytes.
/// </summary>
internal sealed class MeshParameters
{
    private readonly Dictionary<string, TensorShard> _shards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _owners = new(StringComparer.Ordinal);

    public MeshParameters(Module model, DeviceMesh mesh)
    {
        State = model.StateDict();
        Trained = [.. model.NamedParameters().Where(static named => named.Parameter.RequiresGrad)];
        TrainedTensors = [.. Trained.Select(static named => named.Parameter.Value)];
        var sharded = new Dictionary<Tensor, TensorShard>(ReferenceEqualityComparer.Instance);
        foreach (NamedModule found in model.NamedModules())
        {
            if (found.Module is IShardedModule divided)
            {
                foreach ((Parameter parameter, TensorShard shard) in divided.Shards)
                {
                    sharded.Add(parameter.Value, shard);
                }
            }
        }

        foreach ((string name, Tensor tensor) in State)
        {
            if (sharded.TryGetValue(tensor, out TensorShard? shard))
            {
                _shards.Add(name, shard);
            }
        }

        Divide(mesh.Shape);
    }

    /// <summary>Parameters and buffers by name.</summary>
    public IReadOnlyDictionary<string, Tensor> State { get; }

    public IReadOnlyList<NamedParameter> Trained { get; }

    public Tensor[] TrainedTensors { get; }

    /// <summary>What all ranks of the tensor axis have alike.</summary>
    public IEnumerable<Tensor> Replicated =>
        State.Where(state => !_shards.ContainsKey(state.Key)).Select(static state => state.Value);

    public long GradientBytes => TrainedTensors.Sum(static tensor => tensor.ElementCount * tensor.DType.Bytes());

    public bool IsSharded(string name) => _shards.ContainsKey(name);

    /// <summary>How it is divided; null where it is not.</summary>
    public TensorShard? ShardOf(string name) => _shards.GetValueOrDefault(name);

    public int OwnerOf(string name) => _owners[name];

    /// <summary>The parameters that a rank of the data axis answers for.</summary>
    public IEnumerable<Tensor> OwnedBy(int owner) =>
        Trained.Where(named => _owners[named.Name] == owner).Select(static named => named.Parameter.Value);

    private void Divide(MeshShape shape)
    {
        // By the sizes on the first rank of the tensor axis, so that all ranks of it divide alike.
        string[] names = [.. State.Keys];
        long[] bytes = [.. State.Select(state => BytesOfFirst(state.Key, state.Value, shape.Tensor))];
        for (int owner = 0; owner < shape.Data; owner++)
        {
            foreach (int place in ShardPlan.Of(bytes, owner, shape.Data))
            {
                _owners.Add(names[place], owner);
            }
        }
    }

    private long BytesOfFirst(string name, Tensor tensor, int ranks)
    {
        long bytes = tensor.ElementCount * tensor.DType.Bytes();
        return _shards.TryGetValue(name, out TensorShard? shard)
            ? bytes / tensor.Size(shard.Dimension) * shard.PartSize(0, ranks)
            : bytes;
    }
}
