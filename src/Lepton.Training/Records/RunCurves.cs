using System.Text;
using Lepton.Core.Durability;

namespace Lepton.Training.Records;

/// <summary>Several runs' validation metrics, and the training loss beside them, as curves in one picture.</summary>
public static class RunCurves
{
    /// <summary>
    /// Writes an SVG file: a panel for each metric that was validated, a colour for each run, named after its folder;
    /// what was measured in training is dashed. The file appears whole or not at all.
    /// </summary>
    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="runDirectories">The runs' folders, as <see cref="Loop.TrainerOptions.RunDirectory"/>.</param>
    /// <exception cref="ArgumentException">A run has no metrics of a validation.</exception>
    /// <exception cref="IOException">A run's metrics can't be read, or the file not be written.</exception>
    public static void Write(string path, params IReadOnlyList<string> runDirectories)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(runDirectories);
        var curves = new List<Curve>();
        for (int run = 0; run < runDirectories.Count; run++)
        {
            string folder = runDirectories[run];
            IReadOnlyList<MetricLine> lines = RunDirectory.Read(folder);
            MetricLine[] validated = [.. lines.Where(static line => line.Split == RunDirectory.Validation)];
            if (validated.Length == 0)
            {
                throw new ArgumentException(
                    $"The run {folder} has no metrics of a validation. Give Trainer.Fit data for one.",
                    nameof(runDirectories));
            }

            var names = validated.SelectMany(static line => line.Values.Keys).ToHashSet(StringComparer.Ordinal);
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
            curves.AddRange(Curve.Of(validated, name, run, isDashed: false));
            curves.AddRange(Curve
                .Of(lines.Where(static line => line.Split != RunDirectory.Validation), "", run, isDashed: true)
                .Where(curve => names.Contains(curve.Metric)));
        }

        DurableFile.WriteAllBytesAtomic(path, Encoding.UTF8.GetBytes(CurveSvg.Draw(curves)));
    }
}
