using Lepton.Core.Randomness;
using Lepton.Torch;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// Exchanges thin matrices whose product is near the gradients; see <see cref="PowerSgdCompression"/>. Letters are the
/// paper's: M [n, m] is a gradient with what was left out before, P [n, r] and Q [m, r] its factors.
/// </summary>
internal sealed class PowerSgdExchange : GradientExchange
{
    private const string Suffix = ".q";
    private readonly ExchangeLink _link;
    private readonly IReadOnlyList<TrainedParameter> _parameters;
    private readonly PowerSgdCompression _options;
    private readonly ErrorFeedback _feedback;
    private readonly Tensor?[] _q;

    public PowerSgdExchange(
        ExchangeLink link, IReadOnlyList<TrainedParameter> parameters, PowerSgdCompression options)
    {
        _link = link;
        _parameters = parameters;
        _options = options;
        _feedback = new ErrorFeedback(link, parameters);
        _q = new Tensor?[parameters.Count];
    }

    public override void Reduce(ExchangeBucket bucket)
    {
        Tensor waiting = _feedback.Of(bucket).AddInPlace(bucket.Flat);
        var matrices = new List<Matrix>();
        var plain = new List<(long Start, long Length)>();
        long start = 0;
        foreach (int place in bucket.Places)
        {
            TrainedParameter parameter = _parameters[place];
            if (SplitOf(parameter) is { } split)
            {
                matrices.Add(new Matrix(place, start, split.Rows, split.Columns, split.Rank));
            }
            else
            {
                plain.Add((start, parameter.Elements));
            }

            start += parameter.Elements;
        }

        // What has no factors goes along with the first of them.
        Tensor first = Cat([
            .. matrices.Select(matrix => M(waiting, matrix).Mm(Q(matrix)).Reshape(-1)),
            .. plain.Select(part => waiting.Narrow(0, part.Start, part.Length)),
        ]);
        _link.Average(first);
        Tensor[] p = Orthonormal(first, matrices);
        if (matrices.Count > 0)
        {
            Tensor second = Cat([.. matrices.Select((matrix, i) => M(waiting, matrix).T().Mm(p[i]).Reshape(-1))]);
            _link.Average(second);
            Reconstruct(bucket, second, matrices, p);
        }

        long at = first.ElementCount - plain.Sum(static part => part.Length);
        foreach ((long from, long length) in plain)
        {
            bucket.Flat.Narrow(0, from, length).CopyFrom(first.Narrow(0, at, length));
            at += length;
        }

        waiting.SubtractInPlace(bucket.Flat);
        foreach ((long from, long length) in plain)
        {
            waiting.Narrow(0, from, length).ZeroInPlace();
        }
    }

    public override IReadOnlyDictionary<string, Tensor> ExportState()
    {
        var state = new OrderedDictionary<string, Tensor>(StringComparer.Ordinal);
        _feedback.ExportInto(state);
        for (int place = 0; place < _q.Length; place++)
        {
            if (_q[place] is { } q)
            {
                state[_parameters[place].Name + Suffix] = q;
            }
        }

        return state;
    }

    public override void ImportState(IReadOnlyDictionary<string, Tensor> state)
    {
        _feedback.Import(state);
        for (int place = 0; place < _q.Length; place++)
        {
            // Of another rank of the approximation: it begins anew.
            if (state.TryGetValue(_parameters[place].Name + Suffix, out Tensor? saved)
                && SplitOf(_parameters[place]) is { } split
                && saved.Shape.SequenceEqual([split.Columns, split.Rank]))
            {
                _q[place]?.Dispose();
                _q[place] = saved.CopyTo(DType.Float32, Device.Cpu).Persist();
            }
        }
    }

    public override void Dispose()
    {
        _feedback.Dispose();
        foreach (Tensor? q in _q)
        {
            q?.Dispose();
        }

        base.Dispose();
    }

    // Convolutions' kernels are matrices too: one row for each channel that comes out.
    private (long Rows, long Columns, long Rank)? SplitOf(TrainedParameter parameter)
    {
        if (parameter.Shape.Length < 2 || parameter.Elements == 0)
        {
            return null;
        }

        long rows = parameter.Shape[0];
        long columns = parameter.Elements / rows;
        long rank = Math.Min(_options.Rank, Math.Min(rows, columns));
        return (rows + columns) * rank < rows * columns ? (rows, columns, rank) : null;
    }

    private static Tensor M(Tensor flat, Matrix matrix) =>
        flat.Narrow(0, matrix.Start, matrix.Rows * matrix.Columns).View(matrix.Rows, matrix.Columns);

    private Tensor Q(Matrix matrix) => _q[matrix.Place] ??= FirstQ(matrix);

    private Tensor FirstQ(Matrix matrix)
    {
        var random = new SeededRandom(SeededRandom.DeriveSeed(_options.Seed, (ulong)matrix.Place));
        float[] values = new float[matrix.Columns * matrix.Rank];
        foreach (ref float value in values.AsSpan())
        {
            value = (float)((2 * random.NextDouble()) - 1);
        }

        return From<float>(values, matrix.Columns, matrix.Rank).Persist();
    }

    private Tensor[] Orthonormal(Tensor first, List<Matrix> matrices)
    {
        var p = new Tensor[matrices.Count];
        long at = 0;
        for (int i = 0; i < p.Length; i++)
        {
            Matrix matrix = matrices[i];
            p[i] = first.Narrow(0, at, matrix.Rows * matrix.Rank).View(matrix.Rows, matrix.Rank);
            GramSchmidt.Orthonormalize(
                p[i].AsSpan<float>(), (int)matrix.Rank, SeededRandom.DeriveSeed(_options.Seed, 1, (ulong)matrix.Place));
            at += matrix.Rows * matrix.Rank;
        }

        return p;
    }

    private void Reconstruct(ExchangeBucket bucket, Tensor second, List<Matrix> matrices, Tensor[] p)
    {
        long at = 0;
        for (int i = 0; i < matrices.Count; i++)
        {
            Matrix matrix = matrices[i];
            Tensor q = second.Narrow(0, at, matrix.Columns * matrix.Rank).View(matrix.Columns, matrix.Rank);
            _q[matrix.Place]!.CopyFrom(q);
            M(bucket.Flat, matrix).CopyFrom(p[i].Mm(q.T()));
            at += matrix.Columns * matrix.Rank;
        }
    }

    private sealed record Matrix(int Place, long Start, long Rows, long Columns, long Rank);
}
