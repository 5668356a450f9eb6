using System.Globalization;

namespace Lepton.Learning;

/// <summary>The settings of one fit, checked and resolved for its table.</summary>
internal sealed record TreeSettings(
    int DepthMax, int MinSamplesSplit, int MinSamplesLeaf, int FeaturesPerSplit, double[] ClassWeights)
{
    /// <summary>Resolves what tree and forest share; adds every setting that can't work to the problems.</summary>
    internal static TreeSettings Resolve(
        LabeledTable table,
        (int? MaxDepth, int MinSamplesSplit, int MinSamplesLeaf) size,
        MaxFeatures maxFeatures,
        ClassWeights classWeights,
        List<string> problems)
    {
        Check(size.MaxDepth is null or >= 1, "MaxDepth", size.MaxDepth ?? 0, "null or at least 1");
        Check(size.MinSamplesSplit >= 2, "MinSamplesSplit", size.MinSamplesSplit, "at least 2");
        Check(size.MinSamplesLeaf >= 1, "MinSamplesLeaf", size.MinSamplesLeaf, "at least 1");
        return new TreeSettings(
            size.MaxDepth ?? int.MaxValue,
            size.MinSamplesSplit,
            size.MinSamplesLeaf,
            maxFeatures.Resolve(table.Features.Features, problems),
            classWeights.Resolve(table, problems));

        void Check(bool holds, string name, int value, string expected)
        {
            if (!holds)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}, expected {expected}"));
            }
        }
    }
}
