namespace Lepton.Learning;

/// <summary>
/// Judges a classifier on rows that it was not fitted on, fold by fold. Each fold is independent of the others, so they
/// can be judged anywhere and put together by number.
/// </summary>
public static class CrossValidation
{
    /// <summary>Fits on one split's rows and predicts the others.</summary>
    /// <exception cref="LearningDataException">As the classifier's fit and
    /// <see cref="ClassifierModel.Evaluate"/>.</exception>
    public static ConfusionMatrix EvaluateFold(
        IClassifier classifier, LabeledTable table, RowSplit split, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(split);
        (LabeledTable train, LabeledTable test) = split.Of(table);
        return classifier.Fit(train, cancellationToken).Evaluate(test);
    }

    /// <summary>Judges every split in this thread; the accuracy is the mean of the results' accuracies.</summary>
    /// <exception cref="LearningDataException">As the classifier's fit and
    /// <see cref="ClassifierModel.Evaluate"/>.</exception>
    public static IReadOnlyList<ConfusionMatrix> Evaluate(
        IClassifier classifier,
        LabeledTable table,
        IReadOnlyList<RowSplit> splits,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(splits);
        return [.. splits.Select(split => EvaluateFold(classifier, table, split, cancellationToken))];
    }
}
