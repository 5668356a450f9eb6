using System.Globalization;
using Lepton.Coordination.Client;

namespace Lepton.Coordination.Recipes;

/// <summary>A whole number that many processes change. Thread safe.</summary>
/// <remarks>
/// <para>
/// <b>Promised.</b> Additions that return were carried out once each. One whose outcome is not known throws
/// <see cref="OutcomeUnknownException"/> and is not repeated.
/// </para>
/// <para>
/// It reads, adds and puts on the condition that nobody has put meanwhile; who loses waits a random moment, longer each
/// time, so that many at once get on. It is for counting in tens a second, not in thousands: each addition is a write
/// of the whole cluster. The value is decimal text under the counter's name. Sources: etcd's STM; Curator's
/// <c>DistributedAtomicLong</c>.
/// </para>
/// </remarks>
public sealed class DistributedCounter
{
    private static readonly TimeSpan s_pauseFirst = TimeSpan.FromMilliseconds(4);
    private readonly CoordinationClient _client;
    private readonly Bytes _key;

    /// <summary>A counter.</summary>
    /// <param name="client">The client.</param>
    /// <param name="name">The key that holds it; not empty.</param>
    public DistributedCounter(CoordinationClient client, string name)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(name);
        _client = client;
        _key = name;
        Name = name;
    }

    /// <summary>The counter's name.</summary>
    public string Name { get; }

    /// <summary>The value; 0 where nobody has counted yet.</summary>
    /// <exception cref="InvalidDataException">The key holds something else than a number.</exception>
    /// <exception cref="CoordinationException">The read failed.</exception>
    public async Task<long> GetAsync(CancellationToken cancellationToken = default) =>
        Parse(await _client.GetAsync(_key, null, cancellationToken).ConfigureAwait(false));

    /// <summary>Adds to the value.</summary>
    /// <param name="delta">May be negative.</param>
    /// <param name="cancellationToken">Gives up; an addition that is on its way may still be carried out.</param>
    /// <returns>The value with the addition.</returns>
    /// <exception cref="OverflowException">The sum does not fit; nothing was changed.</exception>
    /// <exception cref="InvalidDataException">The key holds something else than a number.</exception>
    /// <exception cref="OutcomeUnknownException">It may or may not have been added.</exception>
    /// <exception cref="CoordinationException">It was certainly not added.</exception>
    public async Task<long> AddAsync(long delta, CancellationToken cancellationToken = default)
    {
        KeyValue? entry = await _client.GetAsync(_key, null, cancellationToken).ConfigureAwait(false);
        for (int lost = 0; ; lost++)
        {
            long sum = Add(Parse(entry), delta);
            TxnResult result = await _client.CommitAsync(
                Txn.If(Condition.ModRevision(_key, Comparison.Equal, entry?.ModRevision ?? Revision.None))
                    .Then(Operation.Put(_key, sum.ToString(CultureInfo.InvariantCulture))),
                cancellationToken: cancellationToken).ConfigureAwait(false);
            if (result.Succeeded)
            {
                return sum;
            }

            // Read again only after the pause: what it lost to is outdated by then.
            await Task.Delay(_client.Jitter.Pause(lost, s_pauseFirst), _client.TimeProvider, cancellationToken)
                .ConfigureAwait(false);
            entry = await _client.GetAsync(_key, null, cancellationToken).ConfigureAwait(false);
        }
    }

    private long Parse(KeyValue? entry)
    {
        if (entry is null)
        {
            return 0;
        }

        return long.TryParse(
            entry.Value.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new InvalidDataException(
                $"'{_key}' holds '{entry.Value}' where a counter keeps a number. Something else writes this key: " +
                "give the counter another name, or delete the key.");
    }

    private long Add(long value, long delta)
    {
        try
        {
            return checked(value + delta);
        }
        catch (OverflowException e)
        {
            throw new OverflowException(
                $"The counter '{Name}' is {value}; adding {delta} would leave 64 bits. Nothing was changed.", e);
        }
    }
}
