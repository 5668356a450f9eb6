namespace Lepton.Training.Ranks;

/// <summary>
/// A rank can't train where it shall; the message, one line, says why and what to do. Where nobody catches it, the
/// program writes that line to standard error and ends with 2, as for other flags that can't be used.
/// </summary>
public sealed class RankDeviceException(string message) : Exception(message);
