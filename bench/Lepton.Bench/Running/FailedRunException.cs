namespace Lepton.Bench.Running;

/// <summary>A side did not finish, or its result is wrong.</summary>
internal sealed class FailedRunException(string message) : Exception(message);
