using System.Text.Json;

namespace Lepton.Learning.Tests.Golden;

/// <summary>The accuracies that scikit-learn reached over ten seeds, widened by 0.01 on both sides.</summary>
internal sealed record AccuracyBand(double Min, double Max)
{
    private const double Widening = 0.01;

    public static AccuracyBand Of(JsonElement accuracy) => new(
        accuracy.GetProperty("min").GetDouble() - Widening, accuracy.GetProperty("max").GetDouble() + Widening);
}
