using System.Globalization;

namespace Lepton.Learning.Tests.Golden;

/// <summary>The real tables of samples/data, read without Lepton's own CSV source, so that only the algorithms are
/// judged here.</summary>
internal static class SampleTables
{
    public static LabeledTable Read(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Root(), "samples", "data", name + ".csv"));
        string[] names = lines[0].Split(',');
        IEnumerable<string[]> rows = lines.Skip(1).Select(line => line.Split(','));
        FeatureMatrix features = FeatureMatrix.FromRows(
            rows.Select(row => row[..^1].Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray()),
            names[..^1]);
        return LabeledTable.FromLabels(features, [.. rows.Select(row => row[^1])]);
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Lepton.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException(
            $"No folder above {AppContext.BaseDirectory} holds Lepton.slnx; run the tests from a checkout.");
    }
}
