using Lepton.Core.Hashing;
using Lepton.Core.Partitioning;
using System.Globalization;

namespace Lepton.Training.ParameterServer.Workers;

/// <summary>
/// Which part of which parameter lies on which server: parameters are cut into slices, and slices go to servers by
/// consistent hashing with bounded loads. It follows from names and sizes alone, so all workers have the same. Pure.
/// </summary>
internal sealed class ShareMap
{
    private const double LoadFactor = 1.05;
    private readonly List<Slice>[] _shares;

    private ShareMap(List<Slice>[] shares, ulong fingerprint) => (_shares, Fingerprint) = (shares, fingerprint);

    /// <summary>Differs where names, sizes or cuts do.</summary>
    public ulong Fingerprint { get; }

    /// <param name="parameters">Names and numbers of elements.</param>
    /// <param name="servers">How many servers, 1 or more.</param>
    /// <param name="sliceElementsMax">Elements of a slice at most.</param>
    public static ShareMap Of(IReadOnlyList<(string Name, long Elements)> parameters, int servers, int sliceElementsMax)
    {
        var slices = new List<(Slice Slice, string Key)>();
        for (int parameter = 0; parameter < parameters.Count; parameter++)
        {
            (string name, long elements) = parameters[parameter];
            for (long start = 0; start < elements; start += sliceElementsMax)
            {
                int length = (int)Math.Min(sliceElementsMax, elements - start);
                slices.Add((
                    new Slice(parameter, start, length, 0),
                    string.Create(CultureInfo.InvariantCulture, $"{name}[{start}+{length}]")));
            }
        }

        var ring = new ConsistentHashRing(Enumerable.Range(0, servers).Select(static server => new RingNode(
            string.Create(CultureInfo.InvariantCulture, $"server {server:D6}"))));
        string[] keys = [.. slices.Select(static slice => slice.Key)];
        int[] owners = ring.Assign<string>(keys, LoadFactor);
        var shares = new List<Slice>[servers];
        long[] filled = new long[servers];
        for (int server = 0; server < servers; server++)
        {
            shares[server] = [];
        }

        for (int i = 0; i < owners.Length; i++)
        {
            Slice slice = slices[i].Slice with { At = filled[owners[i]] };
            shares[owners[i]].Add(slice);
            filled[owners[i]] += slice.Length;
        }

        return new ShareMap(shares, StableHash.OfString(string.Join('\n', keys)));
    }

    /// <summary>The slices of a server, in the order in which they lie there.</summary>
    public IReadOnlyList<Slice> Of(int server) => _shares[server];

    /// <summary>How many elements a server holds.</summary>
    public long ElementsOf(int server) => _shares[server].Sum(static slice => (long)slice.Length);
}
