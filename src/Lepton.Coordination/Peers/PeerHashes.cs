using Lepton.Coordination.Corruption;
using Lepton.Coordination.Protocol;
using Lepton.Rpc;
using Lepton.Rpc.Client;
using Member = Lepton.Raft.Membership.Member;

namespace Lepton.Coordination.Peers;

/// <summary>Asks members for their hashes over their peer addresses. Thread safe.</summary>
internal sealed class PeerHashes(PeerIdentity self, RpcChannelOptions options, TimeProvider timeProvider)
    : IMemberHashes
{
    /// <summary>How long a member may take; hashing millions of keys takes seconds.</summary>
    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task<MemberHash> AskAsync(Member member, long revision, CancellationToken cancellationToken)
    {
        List<string> faults = [];
        foreach (string url in member.PeerUrls)
        {
            using CancellationTokenSource limit = new(AnswerTimeMax, timeProvider);
            using CancellationTokenSource either =
                CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                using RpcChannel channel = new(new Uri(url), options);
                PeerHashRequest request = new() { ClusterId = self.ClusterId, Revision = revision };
                PeerHashResponse response = await channel
                    .UnaryAsync(PeerMethods.Hash, request, null, either.Token).ConfigureAwait(false);
                if (response.MemberId == member.Id.Value)
                {
                    return new MemberHash(response.Hash, response.Revision, Math.Max(0, response.CompactRevision));
                }

                faults.Add($"at {url} the member {response.MemberId:x} answered");
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                faults.Add($"{url}: {e.Detail}");
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                faults.Add($"{url}: no answer within {AnswerTimeMax.TotalSeconds} s");
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new HashUnknownException(faults.Count == 0 ? "it has no peer URL" : string.Join("; ", faults));
    }
}
