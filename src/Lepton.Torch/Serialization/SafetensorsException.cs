namespace Lepton.Torch.Serialization;

/// <summary>A file that is no safetensors file, is damaged, or holds what libtorch has no type for.</summary>
/// <param name="path">The file.</param>
/// <param name="reason">What is wrong with it, and what was expected.</param>
/// <param name="advice">What to do.</param>
/// <param name="inner">What the reader met.</param>
public sealed class SafetensorsException(string path, string reason, string advice, Exception? inner = null)
    : TorchException($"{path}: {reason}. {advice}", inner)
{
    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>What is wrong with it, and what was expected.</summary>
    public string Reason => reason;
}
