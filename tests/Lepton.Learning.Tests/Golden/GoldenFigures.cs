using System.Text.Json;

namespace Lepton.Learning.Tests.Golden;

/// <summary>What scikit-learn 1.2.1 gives on one of the tables.</summary>
internal sealed record GoldenFigures(double[] Mean, double[] Scale, AccuracyBand Forest, AccuracyBand Tree)
{
    public static GoldenFigures Of(string table)
    {
        using Stream stream = typeof(GoldenFigures).Assembly.GetManifestResourceStream("scikit-learn.json")!;
        using JsonDocument document = JsonDocument.Parse(stream);
        JsonElement of = document.RootElement.GetProperty("datasets").GetProperty(table);
        JsonElement scaler = of.GetProperty("standard_scaler");
        JsonElement accuracy = of.GetProperty("cv5_accuracy_10_seeds");
        return new GoldenFigures(
            scaler.GetProperty("mean").Deserialize<double[]>()!,
            scaler.GetProperty("scale").Deserialize<double[]>()!,
            AccuracyBand.Of(accuracy.GetProperty("random_forest_100")),
            AccuracyBand.Of(accuracy.GetProperty("decision_tree")));
    }
}
