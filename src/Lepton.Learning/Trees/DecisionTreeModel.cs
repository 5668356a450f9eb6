using Lepton.Core.Records;

namespace Lepton.Learning;

/// <summary>A fitted <see cref="DecisionTreeClassifier"/>. Immutable and thread safe.</summary>
public sealed class DecisionTreeModel : ClassifierModel
{
    private const string FileKind = "decision-tree-classifier";

    internal DecisionTreeModel(IReadOnlyList<string> featureNames, IReadOnlyList<string> classNames, DecisionTree tree)
        : base(featureNames, classNames) => Tree = tree;

    /// <summary>The tree itself.</summary>
    public DecisionTree Tree { get; }

    /// <summary>
    /// The part of the impurity that each feature took away, adding up to 1; all 0 when the tree has no split. Computed
    /// at each call.
    /// </summary>
    public IReadOnlyList<double> FeatureImportances => Tree.FeatureImportances(FeatureNames.Count, ClassNames.Count);

    private protected override string Kind => FileKind;

    /// <summary>Reads a saved tree.</summary>
    /// <exception cref="ModelFileException">The file is missing, cut off, altered, of a newer format or of another
    /// kind.</exception>
    public static DecisionTreeModel Load(string path) => FromBytes(ModelFile.ReadAll(path), path);

    /// <summary>Reads what <see cref="FittedModel.ToBytes"/> gave.</summary>
    /// <exception cref="ModelFileException">The bytes are cut off, altered, of a newer format or of another
    /// kind.</exception>
    public static DecisionTreeModel FromBytes(ReadOnlySpan<byte> bytes) => FromBytes(bytes, ModelFile.InMemory);

    private protected override void AddProbabilities(FeatureMatrix features, double[] probabilities) =>
        Tree.AddProbabilities(features, probabilities, ClassNames.Count);

    private protected override void WritePayload(RecordWriter writer)
    {
        WriteNames(writer);
        Tree.Write(writer);
    }

    private static DecisionTreeModel FromBytes(ReadOnlySpan<byte> bytes, string source) =>
        ModelFile.Read(bytes, FileKind, source, ReadPayload);

    private static DecisionTreeModel ReadPayload(ref RecordReader reader)
    {
        string[] featureNames = ModelFile.ReadNames(ref reader);
        string[] classNames = ModelFile.ReadNames(ref reader);
        return new DecisionTreeModel(
            featureNames, classNames, DecisionTree.Read(ref reader, featureNames.Length, classNames.Length));
    }
}
