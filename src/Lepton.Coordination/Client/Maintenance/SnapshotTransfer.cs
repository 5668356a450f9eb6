using System.Security.Cryptography;
using Lepton.Coordination.Client.Failures;
using Lepton.Coordination.Client.Transport;
using Lepton.Rpc;
using Pb = Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Client.Maintenance;

/// <summary>Receives a snapshot and checks it: its last 32 bytes are the SHA-256 of those before.</summary>
internal static class SnapshotTransfer
{
    private const string What = "the transfer of a snapshot";

    public static async Task<SnapshotSummary> RunAsync(
        ICoordinationTransport transport, Stream destination, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] tail = [];
        long written = 0;
        ulong remaining = 0;
        try
        {
            TransportCallOptions options = new(Timeout: null, NeedsLeader: false);
            await foreach (Pb.SnapshotResponse part in transport.ServerStreaming(
                CoordinationMethods.Snapshot, new Pb.SnapshotRequest(), options, cancellationToken)
                .ConfigureAwait(false))
            {
                ReadOnlyMemory<byte> blob = part.Blob.Memory;
                await destination.WriteAsync(blob, cancellationToken).ConfigureAwait(false);
                tail = HashAllButTail(hash, tail, blob.Span);
                written += blob.Length;
                remaining = part.RemainingBytes;
            }
        }
        catch (RpcException e)
        {
            throw FailureText.Of(e, CallKind.Read, What, transport.Endpoint, attempts: 1);
        }

        byte[] expected = hash.GetHashAndReset();
        if (remaining > 0 || !expected.AsSpan().SequenceEqual(tail))
        {
            throw new CoordinationException(
                CoordinationFailure.ServerFault, RpcParty.Callee, transport.Endpoint,
                $"The snapshot from {transport.Endpoint} is damaged: of {written} bytes, the checksum at the end is " +
                "not that of the bytes before. Discard what was written and take another.");
        }

        return new SnapshotSummary(written, Convert.ToHexStringLower(expected));
    }

    /// <summary>Hashes what is certainly not part of the checksum; gives the bytes that may be.</summary>
    private static byte[] HashAllButTail(IncrementalHash hash, byte[] tail, ReadOnlySpan<byte> blob)
    {
        if (blob.Length >= SHA256.HashSizeInBytes)
        {
            hash.AppendData(tail);
            hash.AppendData(blob[..^SHA256.HashSizeInBytes]);
            return blob[^SHA256.HashSizeInBytes..].ToArray();
        }

        byte[] joined = [.. tail, .. blob];
        int surplus = Math.Max(0, joined.Length - SHA256.HashSizeInBytes);
        hash.AppendData(joined.AsSpan(0, surplus));
        return joined[surplus..];
    }
}
