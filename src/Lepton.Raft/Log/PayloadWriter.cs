namespace Lepton.Raft.Log;

/// <summary>Writes a run of bytes into the payloads of consecutive sectors.</summary>
internal ref struct PayloadWriter(Span<byte> sectors)
{
    private readonly Span<byte> _sectors = sectors;
    private int _at = SectorFrame.HeaderBytes;

    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int room = SectorFrame.SectorBytes - (_at % SectorFrame.SectorBytes);
            int part = Math.Min(room, bytes.Length);
            bytes[..part].CopyTo(_sectors[_at..]);
            bytes = bytes[part..];
            _at += part == room ? part + SectorFrame.HeaderBytes : part;
        }
    }

    /// <summary>Zeroes the rest of the last sector.</summary>
    public readonly void Finish()
    {
        if (_at < _sectors.Length)
        {
            _sectors[_at..].Clear();
        }
    }
}
