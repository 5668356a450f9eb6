using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Failures;
using Lepton.Coordination.Recipes.Registry;

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
    private readonly GivenUpLeases _givenUp;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _keeping;
    private LeaseSession _session;
    private InvalidOperationException? _conflict;

    private ServiceRegistration(
        CoordinationClient client, ServiceInstance instance, Bytes key, Bytes value, LeaseSessionOptions? options,
        GivenUpLeases givenUp, LeaseSession session)
    {
        (_client, Instance, _key, _value) = (client, instance, key, value);
        (_options, _givenUp, _session) = (options, givenUp, session);
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
        GivenUpLeases givenUp, CancellationToken cancellationToken)
    {
        LeaseSession session = await ListAsync(client, key, value, options, givenUp, cancellationToken)
            .ConfigureAwait(false);
        return new ServiceRegistration(client, instance, key, value, options, givenUp, session);
    }

    private static async Task<LeaseSession> ListAsync(
        CoordinationClient client, Bytes key, Bytes value, LeaseSessionOptions? options, GivenUpLeases givenUp,
        CancellationToken cancellationToken)
    {
        LeaseSession session = await LeaseSession.StartAsync(client, options, cancellationToken).ConfigureAwait(false);
        try
        {
            await PutAsync(session, key, value, givenUp, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            // The entry may be there all the same, and stay where the servers can't be told.
            givenUp.Add(session.Lease);
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Puts the entry where there is none, or in the place of one of this process that it gave up.</summary>
    private static async Task PutAsync(
        LeaseSession session, Bytes key, Bytes value, GivenUpLeases givenUp, CancellationToken cancellationToken)
    {
        Operation put = Operation.Put(key, value, new PutOptions { Lease = session.Lease });
        Condition free = Condition.Absent(key);
        while (true)
        {
            TxnResult result = await session.Client.RunTxnAsync(
                Txn.If(free).Then(put).Else(Operation.Get(key)), CallKind.RepeatableWrite,
                $"the registration '{key}'", null, cancellationToken).ConfigureAwait(false);

            // On this very lease where the answer to a first call was lost.
            KeyValue? found = result.Succeeded ? null : result.Outcomes[0].Range.Entries.SingleOrDefault();
            if (result.Succeeded || found?.Lease == session.Lease)
            {
                return;
            }

            if (found is not null && !givenUp.Contains(found.Lease))
            {
                throw new InvalidOperationException(
                    $"'{key}' is registered already, on lease {found.Lease}: {found.Value}. Give this instance " +
                    "another id, or end the other; a dead one's entry goes when its lease's time is over.");
            }

            free = found is null ? Condition.Absent(key) : Condition.Lease(key, Comparison.Equal, found.Lease);
        }
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
            // The servers may not have ended the lost lease yet.
            LeaseSession before = _session;
            _givenUp.Add(before.Lease);
            Volatile.Write(ref _session, await ListAsync(
                _client, _key, _value, _options, _givenUp, _stopping.Token).ConfigureAwait(false));
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
