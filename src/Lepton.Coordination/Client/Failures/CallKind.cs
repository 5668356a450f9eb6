namespace Lepton.Coordination.Client.Failures;

/// <summary>What repeating a call would do.</summary>
internal enum CallKind
{
    /// <summary>Nothing: it changes nothing.</summary>
    Read,

    /// <summary>It could be carried out twice.</summary>
    Write,

    /// <summary>It changes something, and twice is the same as once.</summary>
    RepeatableWrite,
}
