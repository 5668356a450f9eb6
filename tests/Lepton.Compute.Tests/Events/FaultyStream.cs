namespace Lepton.Compute.Tests.Events;

/// <summary>A file on a disk that can be full or slow: a full disk takes half of a write and then fails.</summary>
internal sealed class FaultyStream : MemoryStream
{
    private readonly ManualResetEventSlim _open = new(true);

    public bool Full { get; set; }

    public int Writes { get; private set; }

    public void Hang() => _open.Reset();

    public void GoOn() => _open.Set();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _open.Wait();
        Writes++;
        if (Full)
        {
            base.Write(buffer[..(buffer.Length / 2)]);
            throw new IOException("No space left on device.");
        }

        base.Write(buffer);
    }
}
