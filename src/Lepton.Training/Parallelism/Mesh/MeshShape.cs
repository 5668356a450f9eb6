using System.Globalization;

namespace Lepton.Training.Parallelism;

/// <summary>
/// How many ranks share in each way: <c>data × tensor × pipeline</c>. Ranks are counted along the tensor axis first,
/// then along data, then along the pipeline, so that those who talk most are neighbours (Megatron-LM's order). Pure.
/// </summary>
public readonly record struct MeshShape
{
    /// <summary>Makes a shape.</summary>
    /// <param name="data">Ranks that have the same parameters and different samples, 1 or more.</param>
    /// <param name="tensor">Ranks that each hold a part of every layer, 1 or more.</param>
    /// <param name="pipeline">Ranks that each hold some of the layers, 1 or more.</param>
    public MeshShape(int data, int tensor, int pipeline)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(data, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tensor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(pipeline, 1);
        (Data, Tensor, Pipeline) = (data, tensor, pipeline);
    }

    /// <summary>Ranks that have the same parameters and different samples.</summary>
    public int Data { get; }

    /// <summary>Ranks that each hold a part of every layer.</summary>
    public int Tensor { get; }

    /// <summary>Ranks that each hold some of the layers.</summary>
    public int Pipeline { get; }

    /// <summary>All ranks.</summary>
    public int Size => checked(Data * Tensor * Pipeline);

    /// <summary>Reads text such as <c>2x1x1</c>.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static MeshShape Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] words = text.Split('x', '×');
        int[] sizes = [.. words.Select(static word =>
            int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? size : 0)];
        if (sizes.Length != 3 || sizes.Any(static size => size is < 1 or > 100_000)
            || (long)sizes[0] * sizes[1] * sizes[2] > 1_000_000)
        {
            throw new ArgumentException(
                $"'{text}' is no mesh; expected three numbers from 1, data x tensor x pipeline, such as 2x1x1.");
        }

        return new MeshShape(sizes[0], sizes[1], sizes[2]);
    }

    /// <summary>Throws where the mesh is of another number of ranks.</summary>
    /// <exception cref="ArgumentException">It is; the message says which meshes are not.</exception>
    public void RequireRanks(int ranks)
    {
        if (Size != ranks)
        {
            throw new ArgumentException(
                $"A mesh of {this} (data x tensor x pipeline) is for {Size} ranks, and there are {ranks}. Start " +
                $"{Size} (--nproc-per-node), or give a mesh of {ranks}, such as {new MeshShape(ranks, 1, 1)}.");
        }
    }

    /// <summary>Where a rank is.</summary>
    public MeshPlace PlaceOf(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, Size);
        return new MeshPlace(rank / Tensor % Data, rank % Tensor, rank / Tensor / Data);
    }

    /// <summary>Who is at a place.</summary>
    public int RankOf(MeshPlace place) => (((place.Pipeline * Data) + place.Data) * Tensor) + place.Tensor;

    /// <summary>Such as <c>2x1x1</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Data}x{Tensor}x{Pipeline}");
}
