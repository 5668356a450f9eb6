namespace Lepton.Torch.Serialization;

/// <summary>
/// Tensors by name in one file that every tool of machine learning reads, and that can't carry code: the safetensors
/// format.
/// </summary>
public static class Safetensors
{
    /// <summary>
    /// Writes tensors to a file, which appears whole or not at all: it is written beside and renamed. The bytes are
    /// those that the reference implementation writes.
    /// </summary>
    /// <param name="path">The file; what stands there is replaced.</param>
    /// <param name="tensors">
    /// Tensors by name, of any device and layout. Those that share memory are written twice.
    /// </param>
    /// <param name="metadata">Text by name that is kept with them, such as <c>format: pt</c>.</param>
    /// <returns>The file's length and checksum, summed on the way.</returns>
    /// <exception cref="ArgumentException">
    /// A dtype or a name that the format doesn't take; all are told of, and nothing was written.
    /// </exception>
    /// <exception cref="IOException">It can't be written; what stood there still does.</exception>
    public static SafetensorsDigest Save(
        string path, IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) =>
        new SafetensorsWriter(path, tensors, metadata).Write();

    /// <summary>Reads all tensors of a file; they belong to the caller's scope.</summary>
    /// <inheritdoc cref="SafetensorsFile.Open"/>
    /// <param name="path">The file.</param>
    /// <param name="device">Where they shall be.</param>
    public static IReadOnlyDictionary<string, Tensor> Load(string path, Device device = default)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        var tensors = new OrderedDictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (string name in file.Entries.Keys)
        {
            tensors.Add(name, file.Read(name, device));
        }

        return tensors;
    }
}
