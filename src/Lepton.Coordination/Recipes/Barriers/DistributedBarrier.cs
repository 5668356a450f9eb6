using System.Globalization;
using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Failures;
using Lepton.Coordination.Recipes.Sessions;

namespace Lepton.Coordination.Recipes;

/// <summary>
/// A place where participants wait until a given number of them is there, and then all go on; any number of times in a
/// row. Thread safe.
/// </summary>
/// <remarks>
/// <para>
/// <b>Promised.</b> Nobody passes before the number has arrived, each with a lease that lived. Who arrives and dies
/// before the barrier opens counts no more when its lease's time is over: the barrier waits for a replacement.
/// Everybody who waited passes, also who learns of it late.
/// </para>
/// <para>
/// <b>Not promised.</b> That all are still alive once it opens; use it again at the end of the work (a double barrier).
/// </para>
/// <para>
/// Each opening begins a new generation, kept in <c>NAME/generation</c>; arrivals are keys
/// <c>NAME/arrivals/GENERATION/LEASE</c>. Whoever makes the number full counts the generation up; the others watch that
/// one key, so an arrival wakes nobody. Sources: ZooKeeper recipes, "Double barriers" (with its ready node); etcd's
/// <c>recipe.DoubleBarrier</c>.
/// </para>
/// </remarks>
public sealed class DistributedBarrier
{
    private readonly CoordinationClient _client;
    private readonly LeaseSessionOptions _options;
    private readonly Bytes _generationKey;
    private readonly Bytes _participantsText;

    /// <summary>A barrier.</summary>
    /// <param name="client">Must outlive the waits.</param>
    /// <param name="name">The barrier's name, a key's prefix; not empty.</param>
    /// <param name="participants">How many must arrive; all must say the same.</param>
    /// <param name="options">The leases of arrivals; null for the defaults.</param>
    public DistributedBarrier(
        CoordinationClient client, string name, int participants, LeaseSessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(participants, 1);
        _options = options ?? new LeaseSessionOptions();
        _options.Validate();
        _client = client;
        Name = name;
        Participants = participants;
        _participantsText = participants.ToString(CultureInfo.InvariantCulture);
        _generationKey = $"{name}/generation";
    }

    /// <summary>The barrier's name.</summary>
    public string Name { get; }

    /// <summary>How many must arrive.</summary>
    public int Participants { get; }

    /// <summary>Arrives, and waits until all have.</summary>
    /// <param name="cancellationToken">Goes away again; the barrier may have opened meanwhile.</param>
    /// <returns>The generation that has passed, from 0.</returns>
    /// <exception cref="InvalidOperationException">Others say another number of participants.</exception>
    /// <exception cref="LeaseLostException">The lease was lost before the barrier opened: this arrival counts no
    /// more.</exception>
    /// <exception cref="CoordinationException">The servers can't be reached, or refuse.</exception>
    public async Task<long> SignalAndWaitAsync(CancellationToken cancellationToken = default)
    {
        LeaseSession session = await LeaseSession.StartAsync(_client, _options, cancellationToken)
            .ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            (Generation generation, RangeResult? arrivals) = await ArriveAsync(session, cancellationToken)
                .ConfigureAwait(false);
            if (arrivals is null)
            {
                return generation.Number;
            }

            CheckParticipants(arrivals);
            if (arrivals.Count >= Participants)
            {
                await OpenAsync(generation, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await WaitAsync(session, generation, arrivals.Revision.Next, cancellationToken).ConfigureAwait(false);
            }

            return generation.Number;
        }
    }

    /// <summary>Arrives.</summary>
    /// <returns>At which generation, and who is there; null where it has opened for this arrival already.</returns>
    private async Task<(Generation Generation, RangeResult? Arrivals)> ArriveAsync(
        LeaseSession session, CancellationToken cancellationToken)
    {
        while (true)
        {
            Generation generation = await ReadGenerationAsync(cancellationToken).ConfigureAwait(false);
            Bytes prefix = ArrivalsOf(generation);
            Bytes arrival = prefix.Append($"{session.Lease}");
            TxnResult result = await _client.RunTxnAsync(
                Txn.If(Condition.ModRevision(_generationKey, Comparison.Equal, generation.Revision))
                    .Then(
                        Operation.Put(arrival, _participantsText, new PutOptions { Lease = session.Lease }),
                        Operation.Get(KeyRange.Prefix(prefix))),
                CallKind.RepeatableWrite, $"the arrival at the barrier '{Name}'", null, cancellationToken)
                .ConfigureAwait(false);
            if (result.Succeeded)
            {
                return (generation, result.Outcomes[1].Range);
            }

            // The barrier has opened meanwhile: without this arrival, or, where the answer of a first call was lost,
            // with it. Then the key was there right before the opening.
            Generation next = await ReadGenerationAsync(cancellationToken).ConfigureAwait(false);
            RangeOptions before = new() { AtRevision = new Revision(next.Revision.Value - 1) };
            if (next.Number == generation.Number + 1 &&
                await _client.GetAsync(arrival, before, cancellationToken).ConfigureAwait(false) is not null)
            {
                return (generation, null);
            }
        }
    }

    /// <summary>Opens the barrier; where another participant has done so meanwhile, nothing happens.</summary>
    private Task<TxnResult> OpenAsync(Generation generation, CancellationToken cancellationToken) =>
        _client.RunTxnAsync(
        Txn.If(Condition.ModRevision(_generationKey, Comparison.Equal, generation.Revision))
            .Then(
                Operation.Put(
                    _generationKey, (generation.Number + 1).ToString(CultureInfo.InvariantCulture)),
                Operation.Delete(KeyRange.Prefix(ArrivalsOf(generation)))),
        CallKind.RepeatableWrite, $"the opening of the barrier '{Name}'", null, cancellationToken);

    private async Task WaitAsync(
        LeaseSession session, Generation generation, Revision from, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either =
            CancellationTokenSource.CreateLinkedTokenSource(session.Lost, cancellationToken);
        try
        {
            await foreach (WatchBatch batch in _client.WatchAsync(
                _generationKey, new WatchOptions { StartRevision = from }, either.Token).ConfigureAwait(false))
            {
                return;
            }
        }
        catch (CompactedException) when (!either.IsCancellationRequested)
        {
            if (!await HasOpenedAsync(generation, cancellationToken).ConfigureAwait(false))
            {
                RangeResult now = await _client.RangeAsync(_generationKey, null, cancellationToken)
                    .ConfigureAwait(false);
                await WaitAsync(session, generation, now.Revision.Next, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The lease is lost; but the barrier may have opened before.
            if (!await HasOpenedAsync(generation, cancellationToken).ConfigureAwait(false))
            {
                session.ThrowIfLost($"The arrival at the barrier '{Name}'");
                throw;
            }
        }
    }

    private async Task<bool> HasOpenedAsync(Generation generation, CancellationToken cancellationToken) =>
        (await ReadGenerationAsync(cancellationToken).ConfigureAwait(false)).Number > generation.Number;

    private async Task<Generation> ReadGenerationAsync(CancellationToken cancellationToken)
    {
        KeyValue? entry = await _client.GetAsync(_generationKey, null, cancellationToken).ConfigureAwait(false);
        if (entry is null)
        {
            return default;
        }

        return long.TryParse(entry.Value.Span, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? new Generation(number, entry.ModRevision)
            : throw new InvalidDataException(
                $"'{_generationKey}' holds '{entry.Value}' where the barrier '{Name}' keeps a number. Something else " +
                "writes this key: give the barrier another name, or delete the key.");
    }

    private void CheckParticipants(RangeResult arrivals)
    {
        if (arrivals.Entries.FirstOrDefault(arrival => arrival.Value != _participantsText) is { } other)
        {
            throw new InvalidOperationException(
                $"'{other.Key}' waits at the barrier '{Name}' for {other.Value} participants, this process for " +
                $"{Participants}. All participants must say the same: correct this one, or end those.");
        }
    }

    private Bytes ArrivalsOf(Generation generation) =>
        $"{Name}/arrivals/{generation.Number.ToString(CultureInfo.InvariantCulture)}/";

    private readonly record struct Generation(long Number, Revision Revision);
}
