namespace Lepton.Compute.Functions;

/// <summary>
/// Marks a class of Lepton's own plans: it is sent by its run-time type and all instance fields of the class and its
/// bases, but for those marked <see cref="NotSentAttribute"/>. Its constructor does not run on the worker.
/// </summary>
internal interface ISendable;
