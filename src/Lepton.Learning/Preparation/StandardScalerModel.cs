using Lepton.Core.Records;

namespace Lepton.Learning;

/// <summary>A fitted <see cref="StandardScaler"/>: subtracts <see cref="Mean"/>, then divides by <see cref="Scale"/>.
/// Immutable and thread safe.</summary>
public sealed class StandardScalerModel : FittedModel
{
    internal const string FileKind = "standard-scaler";
    private readonly string[] _featureNames;
    private readonly double[] _mean;
    private readonly double[] _scale;

    internal StandardScalerModel(IReadOnlyList<string> featureNames, double[] mean, double[] scale)
    {
        _featureNames = [.. featureNames];
        _mean = mean;
        _scale = scale;
    }

    /// <summary>The features that it was fitted on, in order.</summary>
    public IReadOnlyList<string> FeatureNames => _featureNames;

    /// <summary>What is subtracted from each feature.</summary>
    public IReadOnlyList<double> Mean => _mean;

    /// <summary>What each feature is then divided by; 1 for a constant one.</summary>
    public IReadOnlyList<double> Scale => _scale;

    private protected override string Kind => FileKind;

    /// <summary>Reads a saved scaler.</summary>
    /// <exception cref="ModelFileException">The file is missing, cut off, altered, of a newer format or of another
    /// kind.</exception>
    public static StandardScalerModel Load(string path) => FromBytes(ModelFile.ReadAll(path), path);

    /// <summary>Reads what <see cref="FittedModel.ToBytes"/> gave.</summary>
    /// <exception cref="ModelFileException">The bytes are cut off, altered, of a newer format or of another
    /// kind.</exception>
    public static StandardScalerModel FromBytes(ReadOnlySpan<byte> bytes) => FromBytes(bytes, ModelFile.InMemory);

    /// <summary>A scaled copy of a matrix.</summary>
    /// <exception cref="LearningDataException">The matrix has other features than it was fitted on.</exception>
    public FeatureMatrix Transform(FeatureMatrix features)
    {
        ArgumentNullException.ThrowIfNull(features);
        features.RequireFeatures(_featureNames);
        double[] scaled = new double[features.Values.Length];
        for (int row = 0; row < features.Rows; row++)
        {
            Transform(features.Row(row), scaled.AsSpan(row * features.Features, features.Features));
        }

        return new FeatureMatrix(scaled, features.Names);
    }

    /// <summary>A copy of a table with scaled features and the same labels.</summary>
    /// <exception cref="LearningDataException">The table has other features than it was fitted on.</exception>
    public LabeledTable Transform(LabeledTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.WithFeatures(Transform(table.Features));
    }

    /// <summary>Scales one row into <paramref name="scaled"/>, which may be the row itself.</summary>
    /// <exception cref="LearningDataException">The row has another number of values than it was fitted on.</exception>
    public void Transform(ReadOnlySpan<double> row, Span<double> scaled)
    {
        if (row.Length != _mean.Length || scaled.Length != _mean.Length)
        {
            throw new LearningDataException(
                $"The scaler was fitted on {_mean.Length} features, but the row has {row.Length} values and the " +
                $"result room for {scaled.Length}. Give it the features that it was fitted on, in the same order.");
        }

        for (int i = 0; i < row.Length; i++)
        {
            scaled[i] = (row[i] - _mean[i]) / _scale[i];
        }
    }

    private protected override void WritePayload(RecordWriter writer)
    {
        ModelFile.WriteNames(writer, _featureNames);
        for (int i = 0; i < _mean.Length; i++)
        {
            writer.WriteDouble(_mean[i]);
            writer.WriteDouble(_scale[i]);
        }
    }

    private static StandardScalerModel FromBytes(ReadOnlySpan<byte> bytes, string source) =>
        ModelFile.Read(bytes, FileKind, source, ReadPayload);

    private static StandardScalerModel ReadPayload(ref RecordReader reader)
    {
        string[] names = ModelFile.ReadNames(ref reader);
        double[] mean = new double[names.Length];
        double[] scale = new double[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            mean[i] = reader.ReadDouble();
            scale[i] = reader.ReadDouble();
        }

        return new StandardScalerModel(names, mean, scale);
    }
}
