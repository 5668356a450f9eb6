using System.Globalization;
using System.Security.Cryptography;

namespace Lepton.Bench.Data;

/// <summary>
/// Checks sorted records. Both sides sort by the key alone and keep the order of equal keys, so their outputs must be
/// the same bytes: the digest of all files, one after another, shows it.
/// </summary>
internal static class SortedOutput
{
    private const int BatchRecords = 10_000;

    /// <summary>What was found, in one line.</summary>
    /// <exception cref="InvalidDataException">The records are not in order, or one is cut off.</exception>
    public static string Check(IEnumerable<string> files)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] batch = new byte[BatchRecords * Inputs.RecordBytes];
        byte[] last = new byte[Inputs.KeyBytes];
        long records = 0;
        foreach (string file in files)
        {
            using FileStream stream = File.OpenRead(file);
            while (stream.ReadAtLeast(batch, batch.Length, throwOnEndOfStream: false) is var read and > 0)
            {
                if (read % Inputs.RecordBytes != 0)
                {
                    throw new InvalidDataException($"{file} ends within a record.");
                }

                digest.AppendData(batch, 0, read);
                for (int i = 0; i < read; i += Inputs.RecordBytes)
                {
                    ReadOnlySpan<byte> key = batch.AsSpan(i, Inputs.KeyBytes);
                    if (key.SequenceCompareTo(last) < 0)
                    {
                        throw new InvalidDataException($"{file}: record {records} comes too late.");
                    }

                    key.CopyTo(last);
                    records++;
                }
            }
        }

        string sha = Convert.ToHexStringLower(digest.GetHashAndReset())[..16];
        return string.Create(CultureInfo.InvariantCulture, $"{records} records in order, sha256 {sha}");
    }
}
