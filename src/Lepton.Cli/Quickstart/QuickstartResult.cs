using Lepton.Compute;
using Lepton.Learning;

namespace Lepton.Cli.Quickstart;

/// <summary>What came of a quickstart.</summary>
internal sealed record QuickstartResult
{
    /// <summary>The file that was learned from.</summary>
    public required string Data { get; init; }

    /// <summary>Rows × features.</summary>
    public required string Shape { get; init; }

    /// <summary>The classes as people call them.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>On the rows that the forest never saw.</summary>
    public required ConfusionMatrix Test { get; init; }

    /// <summary>On each fold.</summary>
    public required IReadOnlyList<ConfusionMatrix> Folds { get; init; }

    /// <summary>The forest.</summary>
    public required RandomForestModel Model { get; init; }

    /// <summary>What the session did.</summary>
    public required SessionStatistics Statistics { get; init; }

    /// <summary>Workers asked for.</summary>
    public required int Workers { get; init; }

    /// <summary>The worker that was killed; null when none was.</summary>
    public required string? Killed { get; init; }

    /// <summary>From the start of the program to the last result.</summary>
    public required double Seconds { get; init; }

    /// <summary>From the start of the program to the first task.</summary>
    public required double SecondsToFirstTask { get; init; }

    /// <summary>The files that were written.</summary>
    public required ReportFiles Files { get; init; }

    /// <summary>The mean of the folds' accuracies.</summary>
    public double CvAccuracy => Folds.Average(fold => fold.Accuracy);

    /// <summary>The deviation of the folds' accuracies from their mean.</summary>
    public double CvDeviation => Math.Sqrt(Folds.Average(fold => Math.Pow(fold.Accuracy - CvAccuracy, 2)));
}
