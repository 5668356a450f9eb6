using System.Security.Cryptography;
using System.Text;
using Lepton.Coordination.Bolt;
using Lepton.Core.Hashing;

namespace Lepton.Coordination.Snapshots;

/// <summary>
/// A snapshot in a file, of ours or of etcd's: a database, and behind it the SHA-256 of it, by which damage is found.
/// Used by one thread.
/// </summary>
internal sealed class EtcdSnapshotFile : IDisposable
{
    /// <summary>Databases are whole sectors: what is over by exactly this much is the checksum.</summary>
    private const int SectorBytes = 512;
    private const int BufferBytes = 1 << 16;
    private readonly FileStream _file;

    private EtcdSnapshotFile(FileStream file, string path, byte[] digest)
    {
        _file = file;
        Path = path;
        Digest = digest;
        Database = new BoltReader(file, path);
    }

    /// <summary>Where it lies, as it was given.</summary>
    public string Path { get; }

    /// <summary>The SHA-256 of the database.</summary>
    public byte[] Digest { get; }

    /// <summary>The database.</summary>
    public BoltReader Database { get; }

    /// <summary>Opens a snapshot and reads it to its end to check it.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="needsChecksum">Whether a file without a checksum, such as a database taken from a data directory of
    /// etcd's, is refused. A wrong checksum always is.</param>
    /// <exception cref="IOException">There is no such file, or it can't be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged, cut off, or no snapshot.</exception>
    public static EtcdSnapshotFile Open(string path, bool needsChecksum)
    {
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        try
        {
            bool hasChecksum = file.Length % SectorBytes == SHA256.HashSizeInBytes;
            if (!hasChecksum && needsChecksum)
            {
                throw new InvalidDataException(
                    $"{path} has {file.Length} bytes, which is no snapshot with its checksum of " +
                    $"{SHA256.HashSizeInBytes} bytes behind whole sectors of {SectorBytes}: it was cut off, or is " +
                    "something else. Take another snapshot. A database that was copied out of a data directory has " +
                    "no checksum; it is read with --skip-hash-check.");
            }

            byte[] digest = Digested(file, file.Length - (hasChecksum ? SHA256.HashSizeInBytes : 0));
            byte[] said = new byte[hasChecksum ? SHA256.HashSizeInBytes : 0];
            file.ReadExactly(said);
            if (hasChecksum && !said.AsSpan().SequenceEqual(digest))
            {
                throw new InvalidDataException(
                    $"{path} is damaged: its checksum is {Convert.ToHexStringLower(said)}, and its content has " +
                    $"{Convert.ToHexStringLower(digest)}. Use another copy, or another snapshot.");
            }

            return new EtcdSnapshotFile(file, path, digest);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What etcd's tools tell of it.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or no snapshot.</exception>
    public EtcdSnapshotStatus Status()
    {
        (uint hash, long revision, long keys) = (0, 0, 0);
        foreach (string bucket in Database.BucketNames())
        {
            hash = Crc32C.Compute(Encoding.UTF8.GetBytes(bucket), hash);
            foreach ((byte[] key, byte[] value) in Database.ReadBucket(bucket))
            {
                hash = Crc32C.Compute(value, Crc32C.Compute(key, hash));
                keys++;
                if (bucket == EtcdFormat.KeyBucket && EtcdFormat.TryReadRevision(key, out long main, out _, out _))
                {
                    revision = main;
                }
            }
        }

        return new EtcdSnapshotStatus(hash, revision, keys, Database.SizeBytes);
    }

    public void Dispose() => _file.Dispose();

    private static byte[] Digested(FileStream file, long bytes)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferBytes];
        for (long left = bytes; left > 0;)
        {
            int count = (int)Math.Min(left, buffer.Length);
            file.ReadExactly(buffer.AsSpan(0, count));
            hash.AppendData(buffer, 0, count);
            left -= count;
        }

        return hash.GetHashAndReset();
    }
}
