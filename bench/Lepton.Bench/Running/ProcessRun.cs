namespace Lepton.Bench.Running;

/// <summary>A process that ended well.</summary>
/// <param name="Output">What it wrote.</param>
/// <param name="StartedAt">Just before it was started.</param>
/// <param name="Wall">From there to its end.</param>
/// <param name="Tree">What it and all that it started used.</param>
internal sealed record ProcessRun(string Output, DateTimeOffset StartedAt, TimeSpan Wall, TreeSampler Tree);
