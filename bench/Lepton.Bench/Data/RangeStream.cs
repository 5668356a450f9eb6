using Lepton.Core.Streams;

namespace Lepton.Bench.Data;

/// <summary>A byte range of a file, to be read once from front to back.</summary>
internal sealed class RangeStream : ReadOnlyStream
{
    private readonly FileStream _file;
    private long _leftBytes;

    public RangeStream(string path, long offsetBytes, long lengthBytes)
    {
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        _file.Position = offsetBytes;
        _leftBytes = lengthBytes;
    }

    public override int Read(Span<byte> buffer)
    {
        int read = _file.Read(buffer[..(int)Math.Min(buffer.Length, _leftBytes)]);
        _leftBytes -= read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }
}
