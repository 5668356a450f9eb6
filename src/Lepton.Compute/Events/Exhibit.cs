namespace Lepton.Compute.Events;

/// <summary>
/// Something that the program publishes to stand in the report: a confusion matrix, importances, facts.
/// </summary>
/// <param name="Time">When.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Content">What to show.</param>
public sealed record Exhibit(DateTimeOffset Time, string Title, ExhibitContent Content) : JobEvent(Time);
