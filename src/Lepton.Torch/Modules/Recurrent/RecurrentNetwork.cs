using System.Globalization;

namespace Lepton.Torch.Modules;

/// <summary>
/// What <see cref="LSTM"/> and <see cref="GRU"/> share. State, for each layer k, with the suffix <c>_reverse</c> for
/// the way back: <c>weight_ih_lk</c> [gates hidden, in], <c>weight_hh_lk</c> [gates hidden, hidden], <c>bias_ih_lk</c>
/// and <c>bias_hh_lk</c> [gates hidden].
/// </summary>
/// <remarks>
/// Inputs are [time, n, in], or [n, time, in] where the batch is first; a batch is needed, of sequences of one length.
/// </remarks>
public abstract class RecurrentNetwork : Module
{
    private readonly RecurrentOptions _options;

    private protected RecurrentNetwork(long inputs, long hidden, int gates, RecurrentOptions? options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hidden, 1);
        _options = options ?? new RecurrentOptions();
        _options.Validate();
        Inputs = inputs;
        Hidden = hidden;
        Weights = [.. Draw(gates)];
    }

    /// <summary>The size of an input.</summary>
    public long Inputs { get; }

    /// <summary>The size of the hidden state.</summary>
    public long Hidden { get; }

    /// <summary>Layers, dropout, directions.</summary>
    private protected RecurrentOptions Options => _options;

    /// <summary>The weights in the order in which libtorch wants them.</summary>
    private protected Tensor[] Weights { get; }

    /// <summary>Requires an input that fits; the size of its batch is returned.</summary>
    private protected long RequireInput(Tensor input, string name)
    {
        string wanted = _options.BatchFirst ? $"[n, time, {Inputs}]" : $"[time, n, {Inputs}]";
        Shapes.Require(input, 3, wanted, name);
        ReadOnlySpan<long> shape = input.Shape;
        return shape[2] == Inputs ? shape[_options.BatchFirst ? 0 : 1] : throw Shapes.Unfit(name, input, wanted);
    }

    /// <summary>Requires a state that fits the batch.</summary>
    private protected void RequireState(Tensor state, long batch, string name)
    {
        if (!state.Shape.SequenceEqual([StateLayers, batch, Hidden]))
        {
            throw Shapes.Unfit(name, state, $"a state [{StateLayers}, {batch}, {Hidden}]");
        }
    }

    /// <summary>The state that sequences begin with where none is given.</summary>
    private protected Tensor ZeroState(Tensor input, long batch) =>
        Torch.Zeros([StateLayers, batch, Hidden], input.DType, input.Device);

    private long StateLayers => _options.Layers * (_options.Bidirectional ? 2 : 1);

    private IEnumerable<Tensor> Draw(int gates)
    {
        double bound = 1 / Math.Sqrt(Hidden);
        for (int layer = 0; layer < _options.Layers; layer++)
        {
            foreach (string suffix in _options.Bidirectional ? new[] { "", "_reverse" } : [""])
            {
                long inputs = layer == 0 ? Inputs : _options.Bidirectional ? 2 * Hidden : Hidden;
                string at = string.Create(CultureInfo.InvariantCulture, $"l{layer}{suffix}");
                yield return Uniform($"weight_ih_{at}", bound, gates * Hidden, inputs);
                yield return Uniform($"weight_hh_{at}", bound, gates * Hidden, Hidden);
                if (_options.HasBiases)
                {
                    yield return Uniform($"bias_ih_{at}", bound, gates * Hidden);
                    yield return Uniform($"bias_hh_{at}", bound, gates * Hidden);
                }
            }
        }
    }

    private Tensor Uniform(string name, double bound, params ReadOnlySpan<long> shape)
    {
        var parameter = new Parameter(Init.Uniform(Torch.Empty(shape), -bound, bound));
        Register(name, parameter);
        return parameter.Value;
    }
}
