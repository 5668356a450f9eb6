namespace Lepton.Compute.Tests.Replay;

/// <summary>What the tests' user code throws.</summary>
public sealed class BadRecordException(string message, int record) : Exception(message)
{
    public int Record { get; } = record;
}
