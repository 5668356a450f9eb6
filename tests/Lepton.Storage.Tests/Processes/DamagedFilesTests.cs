using Lepton.Storage.Blocks;

namespace Lepton.Storage.Tests.Processes;

/// <summary>
/// Files of a node that something else changes, while it runs and while it does not: every object is read right all the
/// same, through each node, and the good copies come back to its disk.
/// </summary>
public sealed class DamagedFilesTests : IAsyncDisposable
{
    private const int Objects = 6;
    private static readonly string[] s_kinds = ["truncated", "deleted", "written over by another block", "replaced"];
    private readonly ProcessGroup _group = new() { Flags = ["--scrub-within", "2s"] };
    private HashSet<BlockId> _blocks = [];

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    [Fact]
    public async Task Scrub_FilesChangeWhileTheNodeRuns_CopiesComeBack()
    {
        await BeginAsync();
        foreach (string kind in s_kinds)
        {
            Damage("s2", kind);
            await AssertReadAsync(kind);
            await _group.HealedAsync("s2", _blocks, $"the copies of a node whose file was {kind} come back");
        }

        await ProcessGroup.UntilAsync(
            async () => (await _group.StatusAsync()).Single(static node => node.Name == "s2").ScrubDamaged > 0
                ? null : "no damaged block is told",
            "the status tells of damaged blocks");
        await _group.KillAsync("s2");
        await _group.StartAsync("s2", directory: null);
        await AssertReadAsync("killed afterwards");
    }

    [Fact]
    public async Task Start_FilesWereChanged_CopiesComeBack()
    {
        await BeginAsync();
        foreach (string kind in s_kinds)
        {
            await _group.KillAsync("s2");
            Damage("s2", kind);
            await _group.StartAsync("s2", directory: null);
            await AssertReadAsync(kind);
            await _group.HealedAsync("s2", _blocks, $"the copies of a node whose file was {kind} come back");
        }
    }

    private async Task BeginAsync()
    {
        await _group.StartAsync("s1", "s2", "s3");
        for (int i = 0; i < Objects; i++)
        {
            await _group.PutAsync("s1", $"k{i}", ContentOf(i));
        }

        _blocks = _group.GoodBlocksOf("s1");
        await _group.HealedAsync("s2", _blocks, "all nodes have all blocks");
    }

    private static byte[] ContentOf(int i) => Pattern.Of(i % 2 == 0 ? 3_000_000 : 20_000 + i, (ulong)i);

    private async Task AssertReadAsync(string kind)
    {
        foreach (string name in _group.Names)
        {
            for (int i = 0; i < Objects; i++)
            {
                byte[]? read = await _group.GetAsync(name, $"k{i}");
                Assert.True(
                    ContentOf(i).AsSpan().SequenceEqual(read),
                    $"k{i} is not read right through {name} after a file was {kind}.");
            }
        }
    }

    private void Damage(string name, string kind)
    {
        // The one with the most blocks; what was repaired before is in others, too.
        string path = _group.SegmentsOf(name).MaxBy(static one => new FileInfo(one).Length)!;
        switch (kind)
        {
            case "truncated":
                using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                {
                    file.SetLength(file.Length / 3);
                }

                break;
            case "deleted":
                File.Delete(path);
                break;
            case "replaced":
                string other = path + ".other";
                File.WriteAllBytes(other, Pattern.Of(500_000, 77));
                File.Move(other, path, overwrite: true);
                break;
            default:
                WriteOverByAnother(path);
                break;
        }
    }

    /// <summary>A write that went to the place of another block: it is whole, and not what belongs there.</summary>
    private static void WriteOverByAnother(string path)
    {
        using SegmentFile segment = ProcessGroup.OpenSegment(path);
        SegmentScanner scanner = new(segment, isLast: true, isWhole: true);
        scanner.Scan();
        (BlockRecord Record, long Offset)[] equal =
            [.. scanner.Blocks.GroupBy(static block => block.Record.Length).MaxBy(static some => some.Count())!];
        Assert.True(equal.Length > 1, "No two blocks have one length.");
        byte[] bytes = new byte[SegmentFormat.RecordHeaderSize + equal[0].Record.Length];
        segment.Read(bytes, equal[0].Offset);
        segment.File.Write([bytes], equal[^1].Offset);
    }
}
