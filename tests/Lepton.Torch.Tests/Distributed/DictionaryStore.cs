using System.Globalization;
using System.Text;
using Lepton.Torch.Distributed;

namespace Lepton.Torch.Tests.Distributed;

/// <summary>A store of the program's own, in memory.</summary>
internal sealed class DictionaryStore : IKeyValueStore
{
    private readonly Dictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    /// <summary>Whether every change fails.</summary>
    public bool Refuses { get; init; }

    public void Set(string key, ReadOnlySpan<byte> value)
    {
        if (Refuses)
        {
            throw new FormatException("refused");
        }

        byte[] copy = value.ToArray();
        lock (_values)
        {
            _values[key] = copy;
            Monitor.PulseAll(_values);
        }
    }

    public byte[] Get(string key, TimeSpan timeout)
    {
        Wait([key], timeout);
        lock (_values)
        {
            return _values[key];
        }
    }

    public long Add(string key, long amount)
    {
        lock (_values)
        {
            long sum = amount + (_values.TryGetValue(key, out byte[]? held)
                ? long.Parse(Encoding.UTF8.GetString(held), CultureInfo.InvariantCulture)
                : 0);
            _values[key] = Encoding.UTF8.GetBytes(sum.ToString(CultureInfo.InvariantCulture));
            Monitor.PulseAll(_values);
            return sum;
        }
    }

    public byte[] CompareSet(string key, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> wanted)
    {
        lock (_values)
        {
            bool isSet = _values.TryGetValue(key, out byte[]? held)
                ? held.AsSpan().SequenceEqual(expected)
                : expected.IsEmpty;
            if (isSet)
            {
                _values[key] = wanted.ToArray();
                Monitor.PulseAll(_values);
            }

            return isSet ? wanted.ToArray() : held ?? expected.ToArray();
        }
    }

    public bool Remove(string key)
    {
        lock (_values)
        {
            return _values.Remove(key);
        }
    }

    public bool Contains(IReadOnlyList<string> keys)
    {
        lock (_values)
        {
            return keys.All(_values.ContainsKey);
        }
    }

    public void Wait(IReadOnlyList<string> keys, TimeSpan timeout)
    {
        lock (_values)
        {
            while (!keys.All(_values.ContainsKey))
            {
                if (!Monitor.Wait(_values, timeout))
                {
                    throw new TimeoutException($"{string.Join(", ", keys)} did not come within {timeout}.");
                }
            }
        }
    }

    public long Count()
    {
        lock (_values)
        {
            return _values.Count;
        }
    }
}
