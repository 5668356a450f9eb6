using Lepton.Torch;
using Lepton.Torch.Modules;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>Measures a model's layers: what balances the stages of a pipeline, and what a dry run adds up.</summary>
public static class PipelineProfile
{
    private const int Rounds = 3;

    /// <summary>
    /// Makes each layer, runs it forward and backward three times, takes the fastest, and frees it. On a mesh all ranks
    /// call it: the times are their mean, so all get the same.
    /// </summary>
    /// <remarks>It draws random numbers; seed before the model is made.</remarks>
    /// <param name="mesh">The mesh, or a planned one.</param>
    /// <param name="layers">The model's layers.</param>
    /// <param name="input">What goes into the first: a part of a batch.</param>
    /// <param name="loss">
    /// Makes the loss of the last one's output; it is measured with the last layer. Null: without one.
    /// </param>
    public static IReadOnlyList<LayerProfile> Measure(
        DeviceMesh mesh, IReadOnlyList<PipelineLayer> layers, Tensor input, Func<Tensor, Tensor>? loss = null)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(input);
        using var scope = new TensorScope();
        var profiles = new List<LayerProfile>();
        Tensor x = input;
        for (int i = 0; i < layers.Count; i++)
        {
            using Module<Tensor, Tensor> module = layers[i].Make();
            (LayerProfile profile, x) = MeasureOne(
                mesh, layers[i].Name, module, x, i == layers.Count - 1 ? loss : null);
            profiles.Add(profile);
        }

        return [.. profiles.Select(profile => profile with { Seconds = MeanOf(mesh, profile.Seconds) })];
    }

    private static (LayerProfile Profile, Tensor Output) MeasureOne(
        DeviceMesh mesh, string name, Module<Tensor, Tensor> module, Tensor input, Func<Tensor, Tensor>? loss)
    {
        Tensor x = input.Detach();
        if (x.DType.IsFloatingPoint())
        {
            x.RequiresGrad = true;
        }

        Tensor[] parameters = [.. module.Parameters().Select(static parameter => parameter.Value)];
        long sentBefore = mesh.TensorAxis.BytesSent;
        double seconds = double.PositiveInfinity;
        long activations = 0;
        Tensor output = x;
        for (int round = 0; round < Rounds; round++)
        {
            using var scope = new TensorScope();
            long started = TimeProvider.System.GetTimestamp();
            Tensor y = module.Forward(x);
            y = loss?.Invoke(y) ?? y;
            activations = scope.StorageBytes([x, .. parameters]);
            if (y.RequiresGrad)
            {
                y.Backward(OnesLike(y));
            }

            seconds = Math.Min(seconds, TimeProvider.System.GetElapsedTime(started).TotalSeconds);
            output = scope.Keep(y.Detach());
        }

        return (
            new LayerProfile(
                name, [.. parameters.Select(BytesOf)], activations, BytesOf(output),
                (mesh.TensorAxis.BytesSent - sentBefore) / Rounds, seconds),
            output);
    }

    private static long BytesOf(Tensor tensor) => tensor.ElementCount * tensor.DType.Bytes();

    private static double MeanOf(DeviceMesh mesh, double seconds) =>
        mesh.PipelineAxis.Mean(mesh.DataAxis.Mean(mesh.TensorAxis.Mean(seconds)));
}
