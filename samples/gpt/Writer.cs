using Lepton.Core.Randomness;
using Lepton.Torch;
using Lepton.Training.Parallelism;

namespace Gpt;

/// <summary>
/// Has a model write: each character is drawn by what the model thinks of what comes next. On a mesh all ranks write,
/// and all write the same.
/// </summary>
internal sealed class Writer(Pipeline model, DeviceMesh mesh, GptOptions options)
{
    public IReadOnlyList<long> Continue(IReadOnlyList<long> codes, int count, double temperature, ulong seed)
    {
        var random = new SeededRandom(seed);
        var written = new List<long>(codes);
        var shard = new TensorShard(1, options.Vocabulary);
        model.Eval();
        using var noGrad = Torch.NoGrad();
        for (int i = 0; i < count; i++)
        {
            using var scope = new TensorScope();
            long[] seen = [.. written.TakeLast(options.Context)];
            Tensor scores_BTV = model.Forward(Torch.From(seen, [1, seen.Length]).To(model.Device));
            Tensor last_BV = mesh.TensorAxis.Gather(scores_BTV.Select(1, seen.Length - 1).Contiguous(), shard);
            double[] shares = (last_BV / temperature).Softmax(1).To(DType.Float64).ToArray<double>();
            written.Add(Draw(shares, random.NextDouble()));
        }

        return written;
    }

    private static int Draw(double[] shares, double at)
    {
        int code = 0;
        while (code + 1 < shares.Length && at >= shares[code])
        {
            at -= shares[code++];
        }

        return code;
    }
}
