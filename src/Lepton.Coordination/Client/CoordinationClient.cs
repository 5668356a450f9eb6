using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Google.Protobuf;
using Lepton.Coordination.Client.Cluster;
using Lepton.Coordination.Client.Failures;
using Lepton.Coordination.Client.Leases;
using Lepton.Coordination.Client.Maintenance;
using Lepton.Coordination.Client.Transport;
using Lepton.Coordination.Client.Watching;
using Lepton.Rpc;
using Lepton.Rpc.Client;
using Pb = Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Client;

/// <summary>
/// A client of the coordination store: keys and values, transactions, watches and leases, over etcd's v3 protocol. The
/// same client talks to Lepton's own servers and to etcd. Keep one for each cluster; thread safe.
/// </summary>
/// <remarks>
/// <para>
/// <b>Reads and writes are linearizable</b>, unless <see cref="RangeOptions.Serializable"/> says otherwise: a read
/// holds all that was acknowledged, to anybody, before it began.
/// </para>
/// <para>
/// <b>Failures.</b> Calls go to one server until it fails, then to the next. A read is made again until its time is
/// over. A write is made again only where it is certain that it was not begun (no connection, a server without a
/// leader); otherwise it throws <see cref="OutcomeUnknownException"/>, since it may have been carried out. All failures
/// are <see cref="CoordinationException"/>s that name who failed. Watches go on by themselves.
/// </para>
/// <para>
/// Source: etcd v3.4 API (<c>etcdserverpb</c>), "KV API guarantees".
/// </para>
/// </remarks>
public sealed class CoordinationClient : IDisposable
{
    private readonly EndpointRing _ring;
    private readonly CallRunner _calls;
    private readonly CoordinationClientOptions _options;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="options">Null for a server on this machine at etcd's port.</param>
    /// <exception cref="ArgumentException">The options, or files that they name, are wrong; the message lists
    /// all.</exception>
    public CoordinationClient(CoordinationClientOptions? options = null)
        : this(Validated(options ?? new CoordinationClientOptions()), null)
    {
    }

    /// <summary>Makes a client with transports of the caller's, such as those within this process.</summary>
    internal CoordinationClient(
        CoordinationClientOptions options, IReadOnlyList<ICoordinationTransport>? transports)
    {
        _options = options;
        ulong seed = options.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        Jitter = new Jitter(seed);
        transports ??= Connect(options);
        _ring = new EndpointRing(transports, Jitter.Next(transports.Count));
        _calls = new CallRunner(_ring, options, Jitter);
    }

    /// <summary>The clock of its time limits.</summary>
    internal TimeProvider TimeProvider => _options.TimeProvider;

    /// <summary>Its random numbers, also for the recipes.</summary>
    internal Jitter Jitter { get; }

    /// <summary>Reads one key.</summary>
    /// <returns>The key; null where it is not there.</returns>
    /// <exception cref="CoordinationException">The read failed.</exception>
    public async Task<KeyValue?> GetAsync(
        Bytes key, RangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        RangeResult result = await RangeAsync(KeyRange.Of(key), options, cancellationToken).ConfigureAwait(false);
        return result.Entries.Count > 0 ? result.Entries[0] : null;
    }

    /// <summary>Reads keys. A range that may be large is better read by <see cref="ScanAsync"/>.</summary>
    /// <exception cref="CompactedException">The revision that was asked for is compacted.</exception>
    /// <exception cref="CoordinationException">The read failed.</exception>
    public async Task<RangeResult> RangeAsync(
        KeyRange keys, RangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= Wire.RangeDefaults;
        Pb.RangeResponse response = await CallAsync(
            CoordinationMethods.Range, Wire.ToRequest(keys, options), $"the read of {keys}", CallKind.Read,
            options.Timeout, cancellationToken, needsLeader: !options.Serializable).ConfigureAwait(false);
        return Wire.FromWire(response, Wire.RevisionOf(response.Header));
    }

    /// <summary>
    /// Reads a range of any size, page by page, all as of one revision: the one given, or that of the first page. Each
    /// enumeration reads anew.
    /// </summary>
    /// <param name="keys">The range.</param>
    /// <param name="pageKeys">How many keys one answer has at most.</param>
    /// <param name="atRevision">Read as it was then; <see cref="Revision.None"/> is now.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CompactedException">The revision was compacted before the last page was read.</exception>
    /// <exception cref="CoordinationException">A read failed.</exception>
    public async IAsyncEnumerable<KeyValue> ScanAsync(
        KeyRange keys, int pageKeys = 1000, Revision atRevision = default,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageKeys, 1);
        while (true)
        {
            RangeResult page = await RangeAsync(
                keys, new RangeOptions { Limit = pageKeys, AtRevision = atRevision }, cancellationToken)
                .ConfigureAwait(false);
            foreach (KeyValue entry in page.Entries)
            {
                yield return entry;
            }

            if (!page.More || page.Entries.Count == 0)
            {
                yield break;
            }

            atRevision = atRevision == Revision.None ? page.Revision : atRevision;
            keys = keys.After(page.Entries[^1].Key);
        }
    }

    /// <summary>Puts a key.</summary>
    /// <exception cref="OutcomeUnknownException">Nobody knows whether it was put.</exception>
    /// <exception cref="CoordinationException">It was certainly not put.</exception>
    public async Task<PutResult> PutAsync(
        Bytes key, Bytes value, PutOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= Wire.PutDefaults;
        Pb.PutResponse response = await CallAsync(
            CoordinationMethods.Put, Wire.ToRequest(key, value, options), $"the put of '{key}'", CallKind.Write,
            options.Timeout, cancellationToken).ConfigureAwait(false);
        return Wire.FromWire(response, Wire.RevisionOf(response.Header));
    }

    /// <summary>Deletes keys.</summary>
    /// <exception cref="OutcomeUnknownException">Nobody knows whether they were deleted.</exception>
    /// <exception cref="CoordinationException">They were certainly not deleted.</exception>
    public async Task<DeleteResult> DeleteAsync(
        KeyRange keys, DeleteOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= Wire.DeleteDefaults;
        Pb.DeleteRangeResponse response = await CallAsync(
            CoordinationMethods.DeleteRange, Wire.ToRequest(keys, options), $"the deletion of {keys}", CallKind.Write,
            options.Timeout, cancellationToken).ConfigureAwait(false);
        return Wire.FromWire(response, Wire.RevisionOf(response.Header));
    }

    /// <summary>Carries out a transaction.</summary>
    /// <param name="txn">What to do, and on which conditions.</param>
    /// <param name="timeout">Null is the client's.</param>
    /// <param name="cancellationToken">Gives up waiting; it may still be carried out.</param>
    /// <exception cref="OutcomeUnknownException">Nobody knows whether it was carried out.</exception>
    /// <exception cref="CoordinationException">It was certainly not carried out.</exception>
    public Task<TxnResult> CommitAsync(
        Txn txn, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(txn);
        return RunTxnAsync(
            txn, txn.IsRead ? CallKind.Read : CallKind.Write, "the transaction", timeout, cancellationToken);
    }

    /// <summary>
    /// Drops the history before a revision: reads and watches from before it fail from then on. What the keys are now
    /// stays.
    /// </summary>
    /// <param name="revision">A revision that the store has reached.</param>
    /// <param name="waitForSpace">Return when the space is free, not only the history closed.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="CompactedException">It was compacted up to there, or further, already.</exception>
    /// <exception cref="CoordinationException">It failed, or its outcome is not known.</exception>
    public async Task<Revision> CompactAsync(
        Revision revision, bool waitForSpace = false, CancellationToken cancellationToken = default)
    {
        Pb.CompactionResponse response = await CallAsync(
            CoordinationMethods.Compact,
            new Pb.CompactionRequest { Revision = revision.Value, Physical = waitForSpace },
            $"the compaction up to {revision}", CallKind.Write, null, cancellationToken).ConfigureAwait(false);
        return Wire.RevisionOf(response.Header);
    }

    /// <summary>
    /// Tells the changes of keys, each once, in order, without end. A connection that breaks is replaced, at the next
    /// server where there is one, and the watch goes on where it was. Each enumeration is a watch of its own, with a
    /// stream of its own: who reads slowly holds up nobody else, and the server keeps little for it.
    /// </summary>
    /// <param name="keys">The keys.</param>
    /// <param name="options">Null tells what is to come.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="CompactedException">History that it needs is gone: read the state and watch on from
    /// there.</exception>
    /// <exception cref="CoordinationException">The servers refuse the watch for good.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async IAsyncEnumerable<WatchBatch> WatchAsync(
        KeyRange keys, WatchOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        WatchSubscription watch = new(_ring, _options, Jitter, keys, options ?? new WatchOptions());
        await using (watch.ConfigureAwait(false))
        {
            while (true)
            {
                yield return await watch.NextAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Grants a lease: keys that are put with it end when it does.</summary>
    /// <param name="ttl">How long it lives without being kept alive; whole seconds, rounded up.</param>
    /// <param name="cancellationToken">Gives up waiting; a lease may have been granted, and will run out.</param>
    /// <exception cref="CoordinationException">It failed. Where it was granted all the same, it runs out by
    /// itself.</exception>
    public Task<LeaseGrant> GrantLeaseAsync(TimeSpan ttl, CancellationToken cancellationToken = default) =>
        LeaseCalls.GrantAsync(_calls, Jitter, ttl, cancellationToken);

    /// <summary>Gives a lease its full time again.</summary>
    /// <returns>How long it lives from when the server got the call.</returns>
    /// <exception cref="CoordinationException"><see cref="CoordinationFailure.LeaseNotFound"/>: it has
    /// ended.</exception>
    public Task<TimeSpan> KeepLeaseAliveAsync(
        LeaseId lease, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        new LeaseKeepAlive(_ring, _options).RunAsync(lease, timeout ?? _options.CallTimeout, cancellationToken);

    /// <summary>Ends a lease, and deletes its keys.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="CoordinationException">It failed; the lease runs out by itself unless it is kept
    /// alive.</exception>
    public Task<bool> RevokeLeaseAsync(
        LeaseId lease, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        LeaseCalls.RevokeAsync(_calls, lease, timeout, cancellationToken);

    /// <summary>Tells how a lease stands.</summary>
    /// <returns>Null where there is no such lease.</returns>
    /// <exception cref="CoordinationException">The read failed.</exception>
    public Task<LeaseStatus?> GetLeaseAsync(
        LeaseId lease, bool withKeys = false, CancellationToken cancellationToken = default) =>
        LeaseCalls.GetAsync(_calls, lease, withKeys, cancellationToken);

    /// <summary>Lists all leases.</summary>
    /// <exception cref="CoordinationException">The read failed.</exception>
    public Task<IReadOnlyList<LeaseId>> ListLeasesAsync(CancellationToken cancellationToken = default) =>
        LeaseCalls.ListAsync(_calls, cancellationToken);

    /// <summary>Lists the members of the cluster.</summary>
    /// <exception cref="CoordinationException">The read failed.</exception>
    public Task<IReadOnlyList<ClusterMember>> ListMembersAsync(CancellationToken cancellationToken = default) =>
        MemberCalls.ListAsync(_calls, cancellationToken);

    /// <summary>
    /// Adds a member to the cluster. Start it afterwards, as one that joins an existing cluster, with the same URLs.
    /// </summary>
    /// <param name="peerUrls">Where the other members will reach it: scheme, host and port.</param>
    /// <param name="asLearner">
    /// Whether it only follows until it is promoted (<see cref="PromoteMemberAsync"/>). Otherwise it votes: on Lepton's
    /// servers as soon as it has caught up, on etcd at once, so that a cluster of one stands still until it runs.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting; it may still be added.</param>
    /// <returns>The member, with its id and yet without a name.</returns>
    /// <exception cref="OutcomeUnknownException">Nobody knows whether it was added; list the members.</exception>
    /// <exception cref="CoordinationException">It was certainly not added.</exception>
    public Task<ClusterMember> AddMemberAsync(
        IReadOnlyList<string> peerUrls, bool asLearner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(peerUrls);
        return MemberCalls.AddAsync(_calls, peerUrls, asLearner, cancellationToken);
    }

    /// <summary>Has a learner vote from now on.</summary>
    /// <exception cref="OutcomeUnknownException">Nobody knows whether it votes; list the members.</exception>
    /// <exception cref="CoordinationException">
    /// It certainly does not. <see cref="CoordinationFailure.Refused"/>: it is not in sync with the leader yet, votes
    /// already, or there is none such.
    /// </exception>
    public Task PromoteMemberAsync(MemberId member, CancellationToken cancellationToken = default) =>
        MemberCalls.PromoteAsync(_calls, member, cancellationToken);

    /// <summary>Removes a member from the cluster, for good: its id never comes back.</summary>
    /// <exception cref="OutcomeUnknownException">Nobody knows whether it was removed; list the members.</exception>
    /// <exception cref="CoordinationException">
    /// It was certainly not removed. <see cref="CoordinationFailure.Refused"/>: there is none such, or it alone votes.
    /// <see cref="CoordinationFailure.Unavailable"/>, also: so many of the others are down that the rest could not go
    /// on without it.
    /// </exception>
    public Task RemoveMemberAsync(MemberId member, CancellationToken cancellationToken = default) =>
        MemberCalls.RemoveAsync(_calls, member, cancellationToken);

    /// <summary>Asks the server in use how it stands.</summary>
    /// <exception cref="CoordinationException">None answered.</exception>
    public async Task<EndpointStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        CallAnswer<Pb.StatusResponse> answer = await _calls.RunAsync(
            CoordinationMethods.Status, new Pb.StatusRequest(),
            new CallDescription("the question for the status", CallKind.Read, NeedsLeader: false), null,
            cancellationToken).ConfigureAwait(false);
        return Wire.FromWire(answer.Response, answer.Endpoint);
    }

    /// <summary>
    /// Writes a snapshot of the whole store, as the server in use has it, and checks the checksum that comes at its
    /// end. The bytes are the server's own: etcd's are restored by <c>etcdctl snapshot restore</c>.
    /// </summary>
    /// <param name="destination">Gets the snapshot with its checksum. After a failure it holds a useless part.</param>
    /// <param name="cancellationToken">Ends the transfer.</param>
    /// <exception cref="CoordinationException">The transfer failed, or what came is damaged.</exception>
    public Task<SnapshotSummary> SnapshotAsync(Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return SnapshotTransfer.RunAsync(_ring.Current, destination, cancellationToken);
    }

    /// <summary>Cancels the calls and watches still open and closes all connections. Leases are left to run
    /// out.</summary>
    public void Dispose() => _ring.Dispose();

    /// <summary>Carries out a transaction whose maker knows what repeating it would do.</summary>
    internal async Task<TxnResult> RunTxnAsync(
        Txn txn, CallKind kind, string what, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        Pb.TxnResponse response = await CallAsync(
            CoordinationMethods.Txn, txn.ToWire(), what, kind, timeout, cancellationToken).ConfigureAwait(false);
        return Wire.FromWire(response, Wire.RevisionOf(response.Header));
    }

    private static CoordinationClientOptions Validated(CoordinationClientOptions options)
    {
        options.Validate();
        return options;
    }

    private static ICoordinationTransport[] Connect(CoordinationClientOptions options)
    {
        RpcChannelOptions channel = new()
        {
            BearerToken = options.BearerToken,
            ConnectTimeout = options.ConnectTimeout,
            MessageBytesMax = options.MessageBytesMax,
            Tls = options.Tls?.Load(),
            TimeProvider = options.TimeProvider,
        };
        return [.. options.Endpoints.Select(endpoint => new GrpcTransport(endpoint, channel))];
    }

    private async Task<TResponse> CallAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, string what, CallKind kind, TimeSpan? timeout,
        CancellationToken cancellationToken, bool needsLeader = true)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        CallAnswer<TResponse> answer = await _calls.RunAsync(
            method, request, new CallDescription(what, kind, needsLeader), timeout, cancellationToken)
            .ConfigureAwait(false);
        return answer.Response;
    }
}
