using Lepton.Torch;
using Lepton.Training.Data;

namespace Mnist;

/// <summary>Handwritten digits: images [n, 784] from 0 to 1, less their mean, and what they show [n].</summary>
public static class Digits
{
    private const double Mean = 0.1307;
    private const double Deviation = 0.3081;

    /// <summary>Reads the images of <c>train</c> (60,000) or <c>t10k</c> (10,000), the first so many of them.</summary>
    public static TensorDataset Load(string part, int countMax)
    {
        using var scope = new TensorScope();
        Tensor images = IdxFile.Read(FileOf(part, "images-idx3"));
        Tensor labels = IdxFile.Read(FileOf(part, "labels-idx1"));
        long count = Math.Min(countMax, images.Size(0));
        Tensor x = images.Narrow(0, 0, count).View(count, -1).To(DType.Float32);
        x.DivideInPlace(255).AddInPlace(-Mean).DivideInPlace(Deviation);

        // The data outlive this method's scope, and everything else in it does not.
        return new TensorDataset(x.Persist(), labels.Narrow(0, 0, count).To(DType.Int64).Persist());
    }

    /// <summary>What the images show, in the order of <see cref="Load"/>: for choosing among them.</summary>
    public static byte[] Labels(string part, int countMax)
    {
        using var scope = new TensorScope();
        byte[] labels = IdxFile.Read(FileOf(part, "labels-idx1")).ToArray<byte>();
        return labels[..Math.Min(countMax, labels.Length)];
    }

    private static string FileOf(string part, string content) =>
        Path.Combine(AppContext.BaseDirectory, "data", $"{part}-{content}-ubyte.gz");
}
