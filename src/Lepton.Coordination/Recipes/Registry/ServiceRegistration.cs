using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Failures;

namespace Lepton.Coordination.Recipes;

/// <summary>
/// An instance's entry in a registry. It is made anew whenever its lease is lost while the process lives. Dispose it to
/// take the instance off the list. Thread safe.
/// </summary>
public sealed class ServiceRegistration : IAsyncDisposable
{
    private static readonly TimeSpan s_pauseFirst = TimeSpan.FromMilliseconds(100);
    private readonly CoordinationClient _client;
    private readonly Bytes _key;
    private readonly Bytes _value;
    private readonly LeaseSessionOptions? _options;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _keeping;
    private LeaseSession _session;
    private InvalidOperationException? _conflict;

    private ServiceRegistration(
        CoordinationClient client, ServiceInstance instance, Bytes key, Bytes value, LeaseSessionOptions? options,
        LeaseSession session)
    {
        (_client, Instance, _key, _value, _options, _session) = (client, instance, key, value, options, session);
        _keeping = KeepAsync();
    }

    /// <summary>The instance.</summary>
    public ServiceInstance Instance { get; }

    /// <summary>Whether it is on the list, as far as this process knows.</summary>
    public bool IsListed => Volatile.Read(ref _session).IsAlive;

    /// <summary>
    /// Why the process has given up to be on the list: another one has registered the id. Null otherwise.
    /// </summary>
    public InvalidOperationException? Conflict => Volatile.Read(ref _conflict);

    /// <summary>Takes the instance off the list; where the servers can't be told, its lease runs out.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _session.DisposeAsync().ConfigureAwait(false);
    }

    internal static async Task<ServiceRegistration> StartAsync(
        CoordinationClient client, ServiceInstance instance, Bytes key, Bytes value, LeaseSessionOptions? options,
        CancellationToken cancellationToken)
    {
        LeaseSession session = await ListAsync(client, key, value, options, LeaseId.None, cancellationToken)
            .ConfigureAwait(false);
        return new ServiceRegistration(client, instance, key, value, options, session);
    }

    private static async Task<LeaseSession> ListAsync(
        CoordinationClient client, Bytes key, Bytes value, LeaseSessionOptions? options, LeaseId before,
        CancellationToken cancellationToken)
    {
        LeaseSession session = await LeaseSession.StartAsync(client, options, cancellationToken).ConfigureAwait(false);
        try
        {
            Operation put = Operation.Put(key, value, new PutOptions { Lease = session.Lease });

            // Also this instance's own: the entry of a call whose answer was lost, and that of the lease before, which
            // this process has given up and the servers may not have ended yet.
            Operation otherwise = before == LeaseId.None
                ? Operation.Get(key)
                : Operation.Nested(Txn.If(Condition.Lease(key, Comparison.Equal, before))
                    .Then(put).Else(Operation.Get(key)));
            TxnResult result = await client.RunTxnAsync(
                Txn.If(Condition.Absent(key)).Then(put).Else(otherwise), CallKind.RepeatableWrite,
                $"the registration '{key}'", null, cancellationToken).ConfigureAwait(false);
            if (Conflicting(result, session.Lease, before) is { } other)
            {
                throw new InvalidOperationException(
                    $"'{key}' is registered already, on lease {other.Lease}: {other.Value}. Give this instance " +
                    "another id, or end the other; a dead one's entry goes when its lease's time is over.");
            }

            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The entry of another process that was found in the way; null where this one is listed.</summary>
    private static KeyValue? Conflicting(TxnResult result, LeaseId mine, LeaseId before)
    {
        if (result.Succeeded || (before != LeaseId.None && result.Outcomes[0].Txn.Succeeded))
        {
            return null;
        }

        TxnOutcome read = before == LeaseId.None ? result.Outcomes[0] : result.Outcomes[0].Txn.Outcomes[0];
        return read.Range.Entries is [var found] && found.Lease != mine ? found : null;
    }

    private async Task KeepAsync()
    {
        while (true)
        {
            await WaitUntilLostAsync().ConfigureAwait(false);
            for (int retry = 0; !await TryListAgainAsync().ConfigureAwait(false); retry++)
            {
                if (Conflict is not null)
                {
                    return;
                }

                await Task.Delay(_client.Jitter.Pause(retry, s_pauseFirst), _client.TimeProvider, _stopping.Token)
                    .ConfigureAwait(false);
            }
        }
    }

    private async Task WaitUntilLostAsync()
    {
        TaskCompletionSource lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (_session.Lost.UnsafeRegister(static t => ((TaskCompletionSource)t!).TrySetResult(), lost)
            .ConfigureAwait(false))
        {
            await lost.Task.WaitAsync(_stopping.Token).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryListAgainAsync()
    {
        try
        {
            LeaseSession before = _session;
            Volatile.Write(ref _session, await ListAsync(
                _client, _key, _value, _options, before.Lease, _stopping.Token).ConfigureAwait(false));
            await before.StopAsync().ConfigureAwait(false);
            return true;
        }
        catch (InvalidOperationException e) when (e is not ObjectDisposedException)
        {
            Volatile.Write(ref _conflict, e);
            return false;
        }
        catch (CoordinationException)
        {
            // The servers are away or without a leader: again after a pause.
            return false;
        }
    }
}
