using System.Security.Cryptography;
using Lepton.Core.Records;

namespace Lepton.Learning;

/// <summary>
/// What a fit gives: immutable, thread safe, and one versioned file. The bytes depend on the data, the settings and the
/// seed alone, so equal models have equal digests on every machine.
/// </summary>
public abstract class FittedModel
{
    private protected FittedModel()
    {
    }

    /// <summary>SHA-256 of <see cref="ToBytes"/> in lower-case hexadecimal: what <c>sha256sum</c> prints for the saved
    /// file.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(ToBytes()));

    private protected abstract string Kind { get; }

    /// <summary>The model as one file's bytes, with a header that names its kind and format and a digest at the
    /// end.</summary>
    public byte[] ToBytes()
    {
        using RecordWriter payload = new();
        WritePayload(payload);
        return ModelFile.Wrap(Kind, payload.WrittenSpan);
    }

    /// <summary>
    /// Writes the model beside <paramref name="path"/> and renames it there, so that a reader finds the old file, the
    /// new one, or none, and never half of one.
    /// </summary>
    /// <exception cref="ModelFileException">The folder is missing, full or not writable; nothing is left
    /// behind.</exception>
    public void Save(string path) => ModelFile.Save(path, ToBytes());

    private protected abstract void WritePayload(RecordWriter writer);
}
