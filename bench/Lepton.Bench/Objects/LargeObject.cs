using System.Diagnostics;
using Lepton.Bench.Running;
using Lepton.Core.Hashing;

namespace Lepton.Bench.Objects;

/// <summary>One large object that is put and got over a connection, piece by piece, each piece another.</summary>
internal sealed class LargeObject
{
    private const int PieceBytes = 1 << 20;
    private const int VersionsMax = 64;
    private readonly byte[] _pieces = new byte[2 * PieceBytes];
    private readonly long _bytes;

    /// <param name="bytes">Its length; a multiple of a mebibyte.</param>
    public LargeObject(long bytes)
    {
        _bytes = bytes;
        Noise.Fill(_pieces);
    }

    /// <summary>Puts it to a URL.</summary>
    /// <param name="connection">A connection to its server.</param>
    /// <param name="url">Where.</param>
    /// <param name="version">Objects of one version share no piece with another's.</param>
    /// <param name="cancellation">Gives up; the connection is of no more use then.</param>
    /// <returns>Bytes a second.</returns>
    public async Task<double> PutAsync(
        HttpConnection connection, Uri url, int version = 0, CancellationToken cancellation = default)
    {
        long started = Stopwatch.GetTimestamp();
        await connection.SendAsync(HttpConnection.Head("PUT", url, _bytes), cancellation);
        for (long at = 0; at < _bytes; at += PieceBytes)
        {
            await connection.SendAsync(PieceAt(at, version), cancellation);
        }

        await connection.ReceiveAsync(cancellation: cancellation);
        return _bytes / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Gets it from a URL, without a look at its bytes.</summary>
    /// <returns>Bytes a second.</returns>
    /// <exception cref="FailedRunException">Its length is another.</exception>
    public async Task<double> GetAsync(
        HttpConnection connection, Uri url, Action<ReadOnlyMemory<byte>>? body = null,
        CancellationToken cancellation = default)
    {
        long started = Stopwatch.GetTimestamp();
        await connection.SendAsync(HttpConnection.Head("GET", url, 0), cancellation);
        long bytes = await connection.ReceiveAsync(body, cancellation);
        return bytes == _bytes
            ? bytes / Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new FailedRunException($"{_bytes} bytes were put, and {bytes} came back");
    }

    /// <summary>Gets it and compares its checksum.</summary>
    /// <exception cref="FailedRunException">It differs from what was put.</exception>
    public async Task CheckAsync(HttpConnection connection, Uri url, int version)
    {
        uint wanted = 0;
        for (long at = 0; at < _bytes; at += PieceBytes)
        {
            wanted = Crc32C.Compute(PieceAt(at, version).Span, wanted);
        }

        uint sum = 0;
        await GetAsync(connection, url, bytes => sum = Crc32C.Compute(bytes.Span, sum));
        if (sum != wanted)
        {
            throw new FailedRunException($"what came back has the checksum {sum:x8}, what was put {wanted:x8}");
        }
    }

    // From another offset of the noise each time, so that no two pieces are equal.
    private ReadOnlyMemory<byte> PieceAt(long at, int version) =>
        _pieces.AsMemory((int)(((at / PieceBytes * VersionsMax) + version) * sizeof(ulong) % PieceBytes), PieceBytes);
}
