namespace Lepton.Training.Parallelism;

/// <summary>What a rank of a mesh would hold, and send in a step.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="Place">Its place on the mesh.</param>
/// <param name="FirstLayer">The first of its layers.</param>
/// <param name="Layers">How many it has.</param>
/// <param name="LayerNames">The names of the first and the last of them, such as <c>embedding..h.1</c>.</param>
/// <param name="ParameterBytes">Its parameters.</param>
/// <param name="GradientBytes">Their gradients.</param>
/// <param name="OptimizerBytes">What its optimizer remembers of them.</param>
/// <param name="ActivationBytes">
/// At most what is kept of forward for backward, of all parts that are on their way at once.
/// </param>
/// <param name="DataBytesSent">Along the data axis: gradients, and parameters where the optimizer is divided.</param>
/// <param name="TensorBytesSent">Along the tensor axis: activations and their gradients.</param>
/// <param name="PipelineBytesSent">To the stages beside it: activations and their gradients.</param>
public sealed record RankPlan(
    int Rank, MeshPlace Place, int FirstLayer, int Layers, string LayerNames, long ParameterBytes,
    long GradientBytes, long OptimizerBytes, long ActivationBytes, long DataBytesSent, long TensorBytesSent,
    long PipelineBytesSent)
{
    /// <summary>All that it holds.</summary>
    public long HeldBytes => ParameterBytes + GradientBytes + OptimizerBytes + ActivationBytes;

    /// <summary>All that it sends.</summary>
    public long SentBytes => DataBytesSent + TensorBytesSent + PipelineBytesSent;
}
