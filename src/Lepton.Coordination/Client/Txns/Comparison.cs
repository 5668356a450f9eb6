namespace Lepton.Coordination.Client;

/// <summary>How a condition compares what the store has, on the left, with what was given, on the right.</summary>
public enum Comparison
{
    /// <summary>The same.</summary>
    Equal,

    /// <summary>The store's is larger.</summary>
    Greater,

    /// <summary>The store's is smaller.</summary>
    Less,

    /// <summary>Not the same.</summary>
    NotEqual,
}
