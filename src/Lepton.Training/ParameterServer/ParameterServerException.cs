namespace Lepton.Training.ParameterServer;

/// <summary>
/// A server that can't be reached or gave this worker up, or workers whose models or options differ. The message says
/// which server and what to do.
/// </summary>
public sealed class ParameterServerException(string message, Exception? inner = null) : Exception(message, inner);
