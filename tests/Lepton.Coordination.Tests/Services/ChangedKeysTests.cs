using Google.Protobuf;
using Lepton.Coordination.Services;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Services;

/// <summary>Which keys a transaction changes, against a list that is searched from end to end.</summary>
public sealed class ChangedKeysTests
{
    [Fact]
    public void AddPut_RandomKeysAndRanges_RefusesWhatALinearSearchRefuses()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            Random random = new(seed);
            ChangedKeys keys = new();
            List<(string Start, string? End)> deletes = [];
            HashSet<string> puts = [];
            for (int i = random.Next(6); i > 0; i--)
            {
                string start = Key(random);
                string end = random.Next(4) switch { 0 => "", 1 => "\0", _ => Key(random) };
                keys.AddDelete(ByteString.CopyFromUtf8(start), ByteString.CopyFromUtf8(end));
                deletes.Add((start, end switch { "" => start + "\0", "\0" => null, _ => end }));
            }

            for (int i = 0; i < 10; i++)
            {
                string key = Key(random);
                bool refused = !puts.Add(key) || deletes.Exists(range =>
                    string.CompareOrdinal(range.Start, key) <= 0 &&
                    (range.End is null || string.CompareOrdinal(key, range.End) < 0));
                Assert.Equal(refused, IsRefused(keys, key));
            }
        }
    }

    private static string Key(Random random) =>
        new([.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => (char)('a' + random.Next(3)))]);

    private static bool IsRefused(ChangedKeys keys, string key)
    {
        try
        {
            keys.AddPut(ByteString.CopyFromUtf8(key));
            return false;
        }
        catch (RpcException e)
        {
            Assert.Equal("etcdserver: duplicate key given in txn request", e.Detail);
            return true;
        }
    }
}
