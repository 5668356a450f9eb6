using System.Text;

namespace Lepton.Rpc;

/// <summary>One key with its value; text, or bytes where the key ends in <c>-bin</c>.</summary>
public readonly record struct RpcMetadataEntry
{
    private readonly byte[]? _bytes;
    private readonly string? _text;

    internal RpcMetadataEntry(string key, string text) => (Key, _text) = (key, text);

    internal RpcMetadataEntry(string key, byte[] bytes) => (Key, _bytes) = (key, bytes);

    /// <summary>The key, in lower case.</summary>
    public string Key { get; }

    /// <summary>Whether the value is bytes.</summary>
    public bool IsBinary => _bytes is not null;

    /// <summary>The value as text; the base64 of a binary value.</summary>
    public string Text => _text ?? Convert.ToBase64String(_bytes!).TrimEnd('=');

    /// <summary>The value as bytes; the ASCII codes of a text value.</summary>
    public byte[] Bytes => _bytes ?? Encoding.ASCII.GetBytes(_text!);
}
