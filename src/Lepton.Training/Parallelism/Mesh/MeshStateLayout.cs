using System.Text.Json;
using Lepton.Torch;
using Lepton.Training.Checkpoints;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// The state of a mesh: a stage has its layers' tensors, a rank of the tensor axis its parts of them, and a rank of the
/// data axis, where the optimizer is divided, the state of its share. The data rank that answers for a parameter writes
/// it and what is remembered of it, put together from the tensor axis.
/// </summary>
internal sealed class MeshStateLayout : IStateLayout
{
    private const string StepSuffix = ".step";
    private readonly DeviceMesh _mesh;
    private readonly MeshParameters _parameters;
    private readonly bool _isOptimizerDivided;
    private readonly HashSet<string> _allNames;

    public MeshStateLayout(DeviceMesh mesh, MeshParameters parameters, bool isOptimizerDivided)
    {
        _mesh = mesh;
        _parameters = parameters;
        _isOptimizerDivided = isOptimizerDivided;
        string names = JsonSerializer.Serialize(parameters.State.Keys.ToArray(), MeshJson.Default.StringArray);
        _allNames = [.. mesh.PipelineAxis.GatherText(names)
            .SelectMany(static text => JsonSerializer.Deserialize(text, MeshJson.Default.StringArray)!)];
    }

    public Dictionary<string, Tensor> ShareOf(IReadOnlyDictionary<string, Tensor> tensors)
    {
        var share = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        int place = 0;
        foreach ((string key, Tensor tensor) in tensors)
        {
            string name = NameIn(key);
            if (_parameters.OwnerOf(name) != _mesh.Place.Data)
            {
                continue;
            }

            using var scope = new TensorScope();
            bool isWriter = place++ % _mesh.Shape.Tensor == _mesh.Place.Tensor;
            Tensor whole = _parameters.ShardOf(name) is { } shard ? _mesh.TensorAxis.Gather(tensor, shard) : tensor;
            if (isWriter)
            {
                share.Add(key, whole.Detach().CopyTo(device: Device.Cpu).Persist());
            }
        }

        return share;
    }

    public IReadOnlyDictionary<string, double> AllNumbers(IReadOnlyDictionary<string, double> numbers)
    {
        // Rates are the same everywhere; a rank that does not step a parameter has nothing of it.
        var all = new SortedDictionary<string, double>(StringComparer.Ordinal);
        string mine = JsonSerializer.Serialize(
            numbers.ToDictionary(static number => number.Key, static number => number.Value),
            MeshJson.Default.DictionaryStringDouble);
        string ofData = string.Join('\n', _mesh.DataAxis.GatherText(mine));
        foreach (string line in _mesh.PipelineAxis.GatherText(ofData).SelectMany(static text => text.Split('\n')))
        {
            foreach ((string key, double number) in JsonSerializer.Deserialize(
                line, MeshJson.Default.DictionaryStringDouble)!)
            {
                all[key] = number;
            }
        }

        return all;
    }

    public bool IsElsewhere(string key)
    {
        string name = NameIn(key);
        return IsHere(name)
            ? key.StartsWith(TrainingState.OptimizerPrefix, StringComparison.Ordinal) && !IsStepped(name)
            : _allNames.Contains(name);
    }

    public Tensor CutOf(string key, Tensor whole)
    {
        // What does not fit is told by whoever loads it.
        return _parameters.State.ContainsKey(NameIn(key)) && _parameters.ShardOf(NameIn(key)) is { } shard
            && shard.Dimension < whole.Dimensions && whole.Size(shard.Dimension) == shard.Size
            ? shard.Cut(whole, _mesh.Place.Tensor, _mesh.Shape.Tensor)
            : whole;
    }

    public IReadOnlyDictionary<string, double> OwnNumbers(IReadOnlyDictionary<string, double> numbers) => numbers
        .Where(number => !IsOthersStep(number.Key))
        .ToDictionary(static number => number.Key, static number => number.Value, StringComparer.Ordinal);

    private bool IsOthersStep(string key)
    {
        if (!key.EndsWith(StepSuffix, StringComparison.Ordinal))
        {
            return false;
        }

        string name = key[..^StepSuffix.Length];
        return IsHere(name) ? !IsStepped(name) : _allNames.Contains(name);
    }

    private bool IsHere(string name) => _parameters.State.ContainsKey(name);

    private bool IsStepped(string name) =>
        !_isOptimizerDivided || _parameters.OwnerOf(name) == _mesh.Place.Data;

    // An optimizer's keys have the name of what is remembered behind that of the parameter.
    private static string NameIn(string key) => key.StartsWith(TrainingState.ModelPrefix, StringComparison.Ordinal)
        ? key[TrainingState.ModelPrefix.Length..]
        : key[TrainingState.OptimizerPrefix.Length..key.LastIndexOf('.')];
}
