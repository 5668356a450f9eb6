namespace Lepton.Storage.Encryption;

/// <summary>What is encrypted can't be decrypted here. The message says what, why, and what to do.</summary>
internal sealed class KeyException(string message, Exception? inner = null) : Exception(message, inner);
