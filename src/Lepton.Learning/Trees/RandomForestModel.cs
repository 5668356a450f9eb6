using Lepton.Core.Records;

namespace Lepton.Learning;

/// <summary>A fitted <see cref="RandomForestClassifier"/>. Immutable and thread safe.</summary>
public sealed class RandomForestModel : ClassifierModel
{
    private const string FileKind = "random-forest-classifier";
    private const int TreeBytesMin = 4;
    private readonly DecisionTree[] _trees;

    internal RandomForestModel(
        IReadOnlyList<string> featureNames, IReadOnlyList<string> classNames, DecisionTree[] trees)
        : base(featureNames, classNames) => _trees = trees;

    /// <summary>The trees, by their numbers.</summary>
    public IReadOnlyList<DecisionTree> Trees => _trees;

    /// <summary>
    /// The part of the impurity that each feature took away, as the mean over the trees that have a split, adding up to
    /// 1; all 0 when none has. Computed at each call. Source: scikit-learn <c>feature_importances_</c>.
    /// </summary>
    public IReadOnlyList<double> FeatureImportances
    {
        get
        {
            double[] sums = new double[FeatureNames.Count];
            foreach (DecisionTree tree in _trees)
            {
                double[] own = tree.FeatureImportances(FeatureNames.Count, ClassNames.Count);
                for (int i = 0; i < sums.Length; i++)
                {
                    sums[i] += own[i];
                }
            }

            DecisionTree.Normalize(sums);
            return sums;
        }
    }

    private protected override string Kind => FileKind;

    /// <summary>Reads a saved forest.</summary>
    /// <exception cref="ModelFileException">The file is missing, cut off, altered, of a newer format or of another
    /// kind.</exception>
    public static RandomForestModel Load(string path) => FromBytes(ModelFile.ReadAll(path), path);

    /// <summary>Reads what <see cref="FittedModel.ToBytes"/> gave.</summary>
    /// <exception cref="ModelFileException">The bytes are cut off, altered, of a newer format or of another
    /// kind.</exception>
    public static RandomForestModel FromBytes(ReadOnlySpan<byte> bytes) => FromBytes(bytes, ModelFile.InMemory);

    private protected override void AddProbabilities(FeatureMatrix features, double[] probabilities)
    {
        foreach (DecisionTree tree in _trees)
        {
            tree.AddProbabilities(features, probabilities, ClassNames.Count);
        }

        for (int i = 0; i < probabilities.Length; i++)
        {
            probabilities[i] /= _trees.Length;
        }
    }

    private protected override void WritePayload(RecordWriter writer)
    {
        WriteNames(writer);
        writer.WriteVarUInt64((ulong)_trees.Length);
        foreach (DecisionTree tree in _trees)
        {
            tree.Write(writer);
        }
    }

    private static RandomForestModel FromBytes(ReadOnlySpan<byte> bytes, string source) =>
        ModelFile.Read(bytes, FileKind, source, ReadPayload);

    private static RandomForestModel ReadPayload(ref RecordReader reader)
    {
        string[] featureNames = ModelFile.ReadNames(ref reader);
        string[] classNames = ModelFile.ReadNames(ref reader);
        DecisionTree[] trees = new DecisionTree[reader.ReadLength(TreeBytesMin)];
        for (int i = 0; i < trees.Length; i++)
        {
            trees[i] = DecisionTree.Read(ref reader, featureNames.Length, classNames.Length);
        }

        return trees.Length > 0
            ? new RandomForestModel(featureNames, classNames, trees)
            : throw new CorruptRecordException("The forest has no tree.");
    }
}
