namespace Lepton.Learning;

/// <summary>An algorithm with its settings that learns to tell classes apart. Immutable and thread safe.</summary>
public interface IClassifier
{
    /// <summary>Fits on a table.</summary>
    /// <exception cref="LearningDataException">The table is empty or has one class only.</exception>
    /// <exception cref="LearningOptionsException">The settings can't work; all problems are listed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ClassifierModel Fit(LabeledTable table, CancellationToken cancellationToken = default);
}
