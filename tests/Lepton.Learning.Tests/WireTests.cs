using Lepton.Core.Records;

namespace Lepton.Learning.Tests;

/// <summary>What tasks take and give travels between processes as records.</summary>
public sealed class WireTests
{
    private static readonly LabeledTable Table = SyntheticTables.Make(1);

    [Fact]
    public void Record_TableAndClassifier_GrowTheSameTree()
    {
        RandomForestClassifier forest = new()
        {
            NEstimators = 4,
            Seed = 9,
            MaxFeatures = MaxFeatures.Fraction(0.5),
            ClassWeights = ClassWeights.Of(new ClassWeight("class 1", 2)),
        };
        IEnumerable<GrownTree> grown = Enumerable.Range(0, 4)
            .Select(i => Sent(Sent(forest).FitTree(Sent(Table), i)))
            .Reverse();
        RandomForestModel merged = forest.Merge(Table.Features.Names, Table.ClassNames, grown);
        Assert.Equal(forest.Fit(Table).Sha256, merged.Sha256);
        Assert.Equal(merged.Sha256, Sent(merged).Sha256);
    }

    [Fact]
    public void Record_MomentsAndScaler_ScaleTheSame()
    {
        StandardScalerModel scaler = new StandardScaler().Fit(Sent(Moments.Of(Table.Features)), Table.Features.Names);
        Assert.Equal(new StandardScaler().Fit(Table.Features).Sha256, scaler.Sha256);
        Assert.Equal(scaler.Sha256, Sent(scaler).Sha256);
        Assert.Equal(new StandardScaler { WithMean = false }, Sent(new StandardScaler { WithMean = false }));
    }

    [Fact]
    public void Record_SplitAndResult_JudgeTheSame()
    {
        RowSplit split = new StratifiedKFold().Split(Table)[2];
        DecisionTreeClassifier tree = new() { MaxDepth = 3 };
        ConfusionMatrix here = CrossValidation.EvaluateFold(tree, Table, split);
        ConfusionMatrix there = Sent(CrossValidation.EvaluateFold(Sent(tree), Sent(Table), Sent(split)));
        Assert.Equal(here.ToString(), there.ToString());
    }

    private static T Sent<T>(T value)
    {
        using RecordWriter writer = new();
        RecordCodec.For<T>().Write(writer, value);
        RecordReader reader = new(writer.WrittenSpan);
        T received = RecordCodec.For<T>().Read(ref reader);
        Assert.True(reader.End);
        return received;
    }
}
