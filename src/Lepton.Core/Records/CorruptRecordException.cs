namespace Lepton.Core.Records;

/// <summary>Bytes that can't be a record: truncated, damaged, or written for another type.</summary>
public sealed class CorruptRecordException(string message) : Exception(message);
