namespace Lepton.Torch;

/// <summary>The native library is missing, can't be loaded, or belongs to a libtorch that is not known.</summary>
public sealed class TorchLibraryException(string message, Exception? inner = null) : TorchException(message, inner);
