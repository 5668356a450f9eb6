namespace Lepton.Torch.Modules;

/// <summary>Long short-term memory over whole sequences: PyTorch's <c>nn.LSTM</c>.</summary>
/// <inheritdoc/>
/// <param name="inputs">The size of an input, 1 or more.</param>
/// <param name="hidden">The size of the state, 1 or more.</param>
/// <param name="options">Null: one layer, one direction.</param>
public sealed class LSTM(long inputs, long hidden, RecurrentOptions? options = null)
    : RecurrentNetwork(inputs, hidden, Gates, options)
{
    private const int Gates = 4;

    /// <summary>Reads sequences.</summary>
    /// <param name="input">[time, n, in], or [n, time, in] where the batch is first.</param>
    /// <param name="state">
    /// Hidden and cell state at the beginning, [layers directions, n, hidden] each; null: zeros.
    /// </param>
    /// <returns>
    /// The last layer's hidden states at all times, [.., hidden directions], and hidden and cell state at the end.
    /// </returns>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public (Tensor Output, (Tensor Hidden, Tensor Cell) State) Forward(
        Tensor input, (Tensor Hidden, Tensor Cell)? state = null)
    {
        // L layers and directions, N samples, H hidden.
        long batch = RequireInput(input, nameof(LSTM));
        (Tensor hidden_LNH, Tensor cell_LNH) = state ?? (ZeroState(input, batch), ZeroState(input, batch));
        RequireState(hidden_LNH, batch, nameof(LSTM));
        RequireState(cell_LNH, batch, nameof(LSTM));
        (Tensor output, hidden_LNH, cell_LNH) = RecurrentFunctions.Lstm(
            input, hidden_LNH, cell_LNH, Weights, Options.HasBiases, Options.Layers, Options.Dropout, IsTraining,
            Options.Bidirectional, Options.BatchFirst);
        return (output, (hidden_LNH, cell_LNH));
    }
}
