using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Protocol;
using static Lepton.Torch.Torch;

namespace Lepton.Training.ParameterServer.Serving;

/// <summary>
/// The values that a server holds, as one row, and the optimizer that changes them: all optimizers here look at one
/// element at a time, so it does not matter to them where a parameter begins. Deterministic.
/// </summary>
internal sealed class ServerShare : IDisposable
{
    private const string Name = "share";
    private readonly Parameter _values;
    private readonly Optimizer _optimizer;

    public ServerShare(Configuration configuration)
    {
        using var scope = new TensorScope();
        _values = new Parameter(Zeros([configuration.Elements]));
        _optimizer = OptimizerText.Make(configuration, [new NamedParameter(Name, _values)]);
    }

    /// <summary>How many elements.</summary>
    public long Elements => _values.Value.ElementCount;

    /// <summary>The optimizer's tensors and numbers.</summary>
    public OptimizerState OptimizerState => _optimizer.ExportState();

    /// <summary>The values, in chunks; copies.</summary>
    public List<Chunk> Values() => ShareChunks.Cut(_values.Value.AsSpan<float>());

    public void SetValues(Tensor values)
    {
        using var noGrad = NoGrad();
        _values.Value.CopyFrom(values);
    }

    public void SetOptimizerState(OptimizerState state) => _optimizer.ImportState(state);

    /// <summary>Steps once, with the sum of gradients, each times its factor, in this order.</summary>
    /// <param name="gradients">One or more.</param>
    /// <param name="learningRate">From this step on; negative: as before.</param>
    public void Step(IReadOnlyList<(Tensor Gradients, double Factor)> gradients, double learningRate)
    {
        if (learningRate >= 0)
        {
            _optimizer.Groups[0].LearningRate = learningRate;
        }

        using var noGrad = NoGrad();
        using var scope = new TensorScope();
        Tensor sum = gradients[0].Gradients;
        if (gradients.Count > 1 || gradients[0].Factor != 1)
        {
            sum = Zeros([Elements]);
            foreach ((Tensor one, double factor) in gradients)
            {
                sum.AddInPlace(one, factor);
            }
        }

        _values.Grad = sum;
        _optimizer.Step();
        _values.Grad = null;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _values.Dispose();
    }
}
