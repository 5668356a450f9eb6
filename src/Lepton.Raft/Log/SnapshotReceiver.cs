using Lepton.Core;
using Lepton.Raft.Disk;

namespace Lepton.Raft.Log;

/// <summary>
/// A snapshot that is coming in from a peer, in pieces of any size. What has arrived outlives the process; a receiver
/// of the same snapshot goes on where the last one stopped. Used by one thread.
/// </summary>
public sealed class SnapshotReceiver : IDisposable
{
    private readonly SnapshotStore _store;
    private readonly SnapshotHeader _header;
    private readonly string _name;
    private readonly IDiskFile _file;
    private readonly SnapshotChunks _chunks;
    private readonly byte[] _piece = new byte[SnapshotChunks.PayloadBytes];
    private int _filled;
    private long _pieces;
    private bool _isVerified;
    private bool _isDone;

    internal SnapshotReceiver(
        SnapshotStore store, SnapshotHeader header, string name, IDiskFile file, SnapshotChunks chunks, long pieces)
    {
        _store = store;
        _header = header;
        _name = name;
        _file = file;
        _chunks = chunks;
        _pieces = pieces;
    }

    /// <summary>Which snapshot.</summary>
    public SnapshotMeta Meta => _header.Meta;

    /// <summary>Bytes that are here: the next piece must begin there.</summary>
    public long Offset => (_pieces * SnapshotChunks.PayloadBytes) + _filled;

    /// <summary>Whether all bytes are here, so that <see cref="Complete"/> can be called.</summary>
    public bool IsWhole => Offset == Meta.Bytes;

    /// <summary>Takes a piece, if it is the one that comes next.</summary>
    /// <returns>
    /// Whether it was taken; otherwise nothing has changed, and the one at <see cref="Offset"/> is wanted.
    /// </returns>
    /// <exception cref="DiskFullException">There is no room; it can be tried again.</exception>
    /// <exception cref="DiskFailedException">The disk can't write.</exception>
    public bool Write(long offset, ReadOnlySpan<byte> data)
    {
        ObjectDisposedException.ThrowIf(_isDone, this);
        if (offset != Offset || data.Length > Meta.Bytes - offset)
        {
            return false;
        }

        while (data.Length > 0)
        {
            int part = Math.Min(data.Length, _piece.Length - _filled);
            data[..part].CopyTo(_piece.AsSpan(_filled));
            if (_filled + part == _piece.Length)
            {
                // Only a piece that is in the file counts: on a full disk the rest is asked for again.
                _chunks.Write(_pieces, _piece);
                _pieces++;
                _filled = 0;
            }
            else
            {
                _filled += part;
            }

            data = data[part..];
        }

        return true;
    }

    /// <summary>Checks all that came in and makes it durable. It is not one of the store's snapshots yet.</summary>
    /// <exception cref="InvalidDataException">It is not what the peer's store wrote. Nothing of it is kept.</exception>
    /// <exception cref="DiskFullException">There is no room; it can be tried again.</exception>
    /// <exception cref="DiskFailedException">The disk can't be trusted any more; the node must stop.</exception>
    public void Verify()
    {
        ObjectDisposedException.ThrowIf(_isDone, this);
        if (!IsWhole)
        {
            throw new InvalidOperationException(
                $"{Offset:N0} of the {Meta.Bytes:N0} bytes of the snapshot of entry {Meta.Index} are here; it can't " +
                "be used yet.");
        }

        if (_filled > 0)
        {
            _chunks.Write(_pieces, _piece.AsSpan(0, _filled));
        }

        if (!_chunks.Verify(_header.Seed(), Meta.Bytes))
        {
            Abandon();
            throw new InvalidDataException(
                $"The snapshot of entry {Meta.Index} that was received is not the one that the sender wrote: a " +
                "checksum is wrong. It was thrown away and must be sent again from its start.");
        }

        _file.Sync();
        _isVerified = true;
    }

    /// <summary>The state's own data, once all of it has been checked. Ends with the receiver.</summary>
    public Stream OpenData()
    {
        ObjectDisposedException.ThrowIf(_isDone, this);
        Invariant.Check(_isVerified);
        return new SnapshotReader(Meta, _file, _chunks).OpenData();
    }

    /// <summary>Makes it the newest snapshot of the store, after checking it where that was not done.</summary>
    /// <exception cref="InvalidDataException">It is not what the peer's store wrote. Nothing of it is kept.</exception>
    /// <exception cref="DiskFullException">There is no room; before it was checked, it can be tried again.</exception>
    /// <exception cref="DiskFailedException">The disk can't be trusted any more; the node must stop.</exception>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_isDone, this);
        if (!_isVerified)
        {
            Verify();
        }

        _isDone = true;
        _file.Dispose();
        _store.Finish(_name, Meta);
    }

    /// <summary>Removes what has arrived: it is no use to anybody.</summary>
    public void Abandon()
    {
        if (!_isDone)
        {
            _isDone = true;
            _file.Dispose();
            _store.Abandon(_name);
        }
    }

    /// <summary>Closes the file; what has arrived stays for the next receiver of this snapshot.</summary>
    public void Dispose()
    {
        if (!_isDone)
        {
            _isDone = true;
            _file.Dispose();
        }
    }
}
