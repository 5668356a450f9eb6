namespace Lepton.Torch;

/// <summary>
/// Something that libtorch, or the way to it, refused. The message says what, on what, and what to do.
/// </summary>
public class TorchException(string message, Exception? inner = null) : Exception(message, inner);
