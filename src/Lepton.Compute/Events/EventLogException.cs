namespace Lepton.Compute.Events;

/// <summary>An event log that can't be made or read. The message names the file, the line and what to do.</summary>
public sealed class EventLogException(string message, Exception? inner = null) : Exception(message, inner);
