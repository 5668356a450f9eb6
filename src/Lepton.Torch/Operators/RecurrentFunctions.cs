namespace Lepton.Torch;

/// <summary>
/// Recurrent networks over whole sequences, as libtorch has them. Weights come in PyTorch's order: for each layer and
/// direction <c>weight_ih</c>, <c>weight_hh</c>, and with biases <c>bias_ih</c>, <c>bias_hh</c>.
/// </summary>
public static class RecurrentFunctions
{
    private static readonly TorchOperator s_lstm = new("aten::lstm.input");
    private static readonly TorchOperator s_gru = new("aten::gru.input");
    private static readonly TorchOperator s_tanh = new("aten::rnn_tanh.input");
    private static readonly TorchOperator s_relu = new("aten::rnn_relu.input");

    /// <summary>A long short-term memory: [time, n, in], or [n, time, in] where the batch is first.</summary>
    /// <returns>The outputs, and the last hidden and cell states.</returns>
    public static (Tensor Output, Tensor Hidden, Tensor Cell) Lstm(
        Tensor x, Tensor hidden, Tensor cell, Tensor[] weights, bool hasBiases, int layers, double dropout,
        bool training, bool bidirectional, bool batchFirst)
    {
        TorchValue[] results = s_lstm.CallAll(
            x, new[] { hidden, cell }, weights, hasBiases, layers, dropout, training, bidirectional, batchFirst);
        return (results[0].ToTensor(), results[1].ToTensor(), results[2].ToTensor());
    }

    /// <summary>Gated recurrent units.</summary>
    /// <returns>The outputs, and the last hidden state.</returns>
    public static (Tensor Output, Tensor Hidden) Gru(
        Tensor x, Tensor hidden, Tensor[] weights, bool hasBiases, int layers, double dropout, bool training,
        bool bidirectional, bool batchFirst) =>
        Run(s_gru, x, hidden, weights, hasBiases, layers, dropout, training, bidirectional, batchFirst);

    /// <summary>Elman's network with the hyperbolic tangent.</summary>
    public static (Tensor Output, Tensor Hidden) RnnTanh(
        Tensor x, Tensor hidden, Tensor[] weights, bool hasBiases, int layers, double dropout, bool training,
        bool bidirectional, bool batchFirst) =>
        Run(s_tanh, x, hidden, weights, hasBiases, layers, dropout, training, bidirectional, batchFirst);

    /// <summary>Elman's network with the rectifier.</summary>
    public static (Tensor Output, Tensor Hidden) RnnRelu(
        Tensor x, Tensor hidden, Tensor[] weights, bool hasBiases, int layers, double dropout, bool training,
        bool bidirectional, bool batchFirst) =>
        Run(s_relu, x, hidden, weights, hasBiases, layers, dropout, training, bidirectional, batchFirst);

    private static (Tensor Output, Tensor Hidden) Run(
        TorchOperator network, Tensor x, Tensor hidden, Tensor[] weights, bool hasBiases, int layers, double dropout,
        bool training, bool bidirectional, bool batchFirst)
    {
        TorchValue[] results = network.CallAll(
            x, hidden, weights, hasBiases, layers, dropout, training, bidirectional, batchFirst);
        return (results[0].ToTensor(), results[1].ToTensor());
    }
}
