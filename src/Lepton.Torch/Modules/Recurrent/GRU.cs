namespace Lepton.Torch.Modules;

/// <summary>Gated recurrent units over whole sequences: PyTorch's <c>nn.GRU</c>.</summary>
/// <inheritdoc/>
/// <param name="inputs">The size of an input, 1 or more.</param>
/// <param name="hidden">The size of the state, 1 or more.</param>
/// <param name="options">Null: one layer, one direction.</param>
public sealed class GRU(long inputs, long hidden, RecurrentOptions? options = null)
    : RecurrentNetwork(inputs, hidden, Gates, options)
{
    private const int Gates = 3;

    /// <summary>Reads sequences.</summary>
    /// <param name="input">[time, n, in], or [n, time, in] where the batch is first.</param>
    /// <param name="state">The state at the beginning, [layers directions, n, hidden]; null: zeros.</param>
    /// <returns>The last layer's states at all times, [.., hidden directions], and the state at the end.</returns>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public (Tensor Output, Tensor State) Forward(Tensor input, Tensor? state = null)
    {
        // L layers and directions, N samples, H hidden.
        long batch = RequireInput(input, nameof(GRU));
        Tensor state_LNH = state ?? ZeroState(input, batch);
        RequireState(state_LNH, batch, nameof(GRU));
        return RecurrentFunctions.Gru(
            input, state_LNH, Weights, Options.HasBiases, Options.Layers, Options.Dropout, IsTraining,
            Options.Bidirectional, Options.BatchFirst);
    }
}
