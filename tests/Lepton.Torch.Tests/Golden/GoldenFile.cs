using Lepton.Torch.Serialization;

namespace Lepton.Torch.Tests.Golden;

/// <summary>A file of tests/golden/torch, which tests/golden/torch_modules.py wrote with PyTorch.</summary>
internal sealed class GoldenFile : IDisposable
{
    private readonly SafetensorsFile _file;

    private GoldenFile(SafetensorsFile file) => _file = file;

    /// <summary>The largest relative difference that <see cref="Compare"/> saw.</summary>
    public double LargestDifference { get; private set; }

    /// <summary>The names of the cases in the file: what stands before the first slash.</summary>
    public IEnumerable<string> Cases => _file.Entries.Keys.Select(static key => key.Split('/')[0]).Distinct();

    public static GoldenFile Open(string name) => new(SafetensorsFile.Open(PathOf(name)));

    public static string PathOf(string name)
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Lepton.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException(
                $"No Lepton.slnx in {AppContext.BaseDirectory} or above it; run the tests where they were built.");
        }

        return Path.Combine(folder, "tests", "golden", "torch", name);
    }

    /// <summary>The tensors whose names begin with a prefix, by the rest of their names.</summary>
    public IReadOnlyDictionary<string, Tensor> Section(string prefix) => _file.Entries.Keys
        .Where(key => key.StartsWith(prefix + "/", StringComparison.Ordinal))
        .ToDictionary(key => key[(prefix.Length + 1)..], key => _file.Read(key));

    /// <summary>The tensors of a section whose names are 0, 1, ...</summary>
    public Tensor[] List(string prefix)
    {
        IReadOnlyDictionary<string, Tensor> section = Section(prefix);
        return [.. Enumerable.Range(0, section.Count).Select(i => section[$"{i}"])];
    }

    /// <summary>
    /// Asserts that names and shapes are the same, and that elements differ by a few millionths of the largest at most.
    /// </summary>
    public void Compare(string prefix, IReadOnlyDictionary<string, Tensor> actual)
    {
        IReadOnlyDictionary<string, Tensor> expected = Section(prefix);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach ((string name, Tensor wanted) in expected)
        {
            Compare($"{prefix}/{name}", wanted, actual[name]);
        }
    }

    /// <summary>As the other, of tensors in order.</summary>
    public void Compare(string prefix, params ReadOnlySpan<Tensor> actual)
    {
        Tensor[] expected = List(prefix);
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Compare($"{prefix}/{i}", expected[i], actual[i]);
        }
    }

    public void Dispose() => _file.Dispose();

    // The files are of libtorch 1.13; a GPU, and other versions, add up in other orders.
    private static double RelativeMaxOf(Tensor actual) =>
        actual.Device.Kind == DeviceKind.Cuda ? 2e-5
        : TorchLibrary.Version.StartsWith("1.13.", StringComparison.Ordinal) ? 1e-6
        : 5e-6;

    private void Compare(string name, Tensor expected, Tensor actual)
    {
        Assert.True(
            expected.Shape.SequenceEqual(actual.Shape),
            $"{name}: {expected.Signature} was expected, {actual.Signature} came.");
        Tensor wanted = expected.To(DType.Float64);
        Tensor got = actual.Detach().To(Device.Cpu).To(DType.Float64);
        if (wanted.ElementCount == 0 || wanted.ContentEquals(got))
        {
            return;
        }

        double difference = (wanted - got).Abs().Max().ToDouble()
            / Math.Max(wanted.Abs().Max().ToDouble(), double.Epsilon);
        LargestDifference = Math.Max(LargestDifference, difference);
        Assert.True(
            difference <= RelativeMaxOf(actual),
            $"{name}: differs by {difference:g3} of its largest element; {RelativeMaxOf(actual)} are allowed.");
    }
}
