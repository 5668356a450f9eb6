namespace Lepton.Compute.Plans;

/// <summary>A node that its user has named.</summary>
internal interface INamed
{
    /// <summary>What the stage is called in progress, event log and report, instead of its steps.</summary>
    string Name { get; }
}
