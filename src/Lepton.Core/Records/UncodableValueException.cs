namespace Lepton.Core.Records;

/// <summary>
/// A value that records can't carry although its declared type can be: an instance of a subclass, a cycle of references,
/// a chain of objects that is too long, a collection with a comparer of its own. What the writer holds of the record is
/// half of it: cut it off with <see cref="RecordWriter.Truncate"/>.
/// </summary>
public sealed class UncodableValueException(string message) : Exception(message);
