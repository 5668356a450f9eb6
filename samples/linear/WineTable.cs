using System.Globalization;
using Lepton.Torch;

namespace LinearRegression;

/// <summary>The measurements of 178 wines, each column with a mean of 0 and a variance of 1.</summary>
/// <param name="Columns">The names of what was measured, alcohol left out.</param>
/// <param name="Measured">[wines, columns], float32.</param>
/// <param name="Alcohol">[wines, 1], float32.</param>
internal sealed record WineTable(IReadOnlyList<string> Columns, Tensor Measured, Tensor Alcohol)
{
    /// <summary>Reads a CSV file whose first column is alcohol and whose last is the cultivar.</summary>
    public static WineTable Read(string path)
    {
        string[][] rows = [.. File.ReadLines(path).Select(static line => line.Split(','))];
        string[] columns = rows[0][1..^1];
        double[] numbers =
        [
            .. rows.Skip(1).SelectMany(static row => row[..^1]).Select(static cell =>
                double.Parse(cell, CultureInfo.InvariantCulture)),
        ];
        using var scope = new TensorScope();
        Tensor table = Torch.From<double>(numbers, [rows.Length - 1, columns.Length + 1]);
        table -= table.Mean(0, keep: true);
        table /= table.Square().Mean(0, keep: true).Sqrt();
        Tensor scaled = table.To(DType.Float32);
        return new WineTable(
            columns, scaled.Narrow(1, 1, columns.Length).Contiguous().Persist(),
            scaled.Narrow(1, 0, 1).Contiguous().Persist());
    }
}
