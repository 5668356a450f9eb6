using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Distributed;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Checkpoints;

/// <summary>
/// The last step that ranks held in memory when another one failed: whoever survives leaves it, as a checkpoint of one
/// shard in a folder of this machine's memory, for those that start again. It costs nothing until a rank fails.
/// </summary>
/// <param name="root">The launcher's folder; ends with it.</param>
internal sealed class HeldSteps(string root)
{
    private const string ShardName = "shard-0-of-1.safetensors";
    private const int PieceBytes = 64 << 20;
    private readonly CheckpointFolder _folder = new(root);

    /// <summary>The newest that is whole; -1 where there is none.</summary>
    public long Newest
    {
        get
        {
            foreach (long step in _folder.Steps)
            {
                try
                {
                    _folder.Open(step).Dispose();
                    return step;
                }
                catch (CheckpointException e)
                {
                    Console.Error.WriteLine(
                        $"A step that was held in memory is passed over, for the one before it: {e.Message}");
                }
            }

            return -1;
        }
    }

    /// <summary>Leaves a step. One rank of a machine does: its memory holds them all once only.</summary>
    /// <param name="manifest">Where training was.</param>
    /// <param name="tensors">Of the model and the optimizer.</param>
    /// <param name="round">How often ranks were started again.</param>
    /// <returns>Whether it was this rank.</returns>
    /// <exception cref="IOException">There is no room.</exception>
    public bool Hold(CheckpointManifest manifest, IReadOnlyDictionary<string, Tensor> tensors, int round)
    {
        if (!IsFirst(round))
        {
            return false;
        }

        ShardRecord shard = _folder.WriteShard(manifest.Step, ShardName, tensors);
        _folder.Finish(manifest with { Shards = [shard] });
        _folder.Trim(manifest.Step, kept: 1);
        return true;
    }

    /// <summary>A step that this machine holds.</summary>
    /// <exception cref="CheckpointException">It is damaged.</exception>
    public OpenedCheckpoint Find(long step) => _folder.Open(step);

    /// <summary>Has every rank's machine hold a step that some hold; all ranks call it.</summary>
    /// <param name="group">The ranks.</param>
    /// <param name="step">The step.</param>
    /// <param name="owner">A rank whose machine holds it.</param>
    /// <param name="round">How often ranks were started again.</param>
    /// <returns>
    /// Whether they do now, the same on all ranks. What kept a rank from it, that rank has told on standard error.
    /// </returns>
    public bool Share(ProcessGroup group, long step, int owner, int round)
    {
        using var scope = new TensorScope();
        string folder = _folder.PathOf(step);
        byte[] manifest = [];
        FileStream? source = null;
        FileStream? target = null;
        bool writes = false;
        try
        {
            bool isWell = group.Rank != owner || Does(step, () =>
            {
                manifest = File.ReadAllBytes(Path.Combine(folder, CheckpointFolder.ManifestName));
                source = File.OpenRead(Path.Combine(folder, ShardName));
            });
            if (!AreAllWell(group, isWell))
            {
                return false;
            }

            Tensor sizes = From<long>(manifest.Length, source?.Length ?? 0);
            Broadcast(group, sizes, owner);
            long[] bytes = sizes.ToArray<long>();
            manifest = Broadcast(group, manifest, bytes[0], owner);
            isWell = Does(step, () =>
            {
                writes = !Directory.Exists(folder)
                    && IsFirst(round, string.Create(CultureInfo.InvariantCulture, $"shared-{owner}"));
                target = writes ? CreateShard(step) : null;
            });
            isWell &= Broadcast(group, step, source, target, bytes[1], owner);
            target?.Dispose();
            if (!AreAllWell(group, isWell))
            {
                return false;
            }

            isWell = !writes || Does(step, () =>
            {
                _folder.Finish(CheckpointManifest.Parse(manifest));
                _folder.Trim(step, kept: 1);
            });

            // Behind it, whoever wrote for its machine has written.
            return AreAllWell(group, isWell);
        }
        finally
        {
            source?.Dispose();
            target?.Dispose();
        }
    }

    // A rank that only threw would leave the others in a collective.
    private static bool Does(long step, Action act)
    {
        try
        {
            act();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Step {step}, which was held in memory, can't be brought to all machines: {e.Message} What another " +
                $"rank holds, or the last checkpoint, is taken."));
            return false;
        }
    }

    private static bool AreAllWell(ProcessGroup group, bool isWell)
    {
        using var scope = new TensorScope();
        Tensor least = From<long>(isWell ? 1 : 0);
        using Work work = group.AllReduce(least, ReduceOperation.Min);
        work.Wait();
        return least.ToArray<long>()[0] == 1;
    }

    private FileStream CreateShard(long step)
    {
        string unfinished = _folder.UnfinishedPathOf(step);
        Directory.CreateDirectory(unfinished);
        return File.Create(Path.Combine(unfinished, ShardName));
    }

    // In pieces, as a shard may be longer than an array. Whoever can't read or write goes on for the others' sake.
    private static bool Broadcast(
        ProcessGroup group, long step, FileStream? source, FileStream? target, long bytes, int owner)
    {
        bool isWell = true;
        for (long done = 0; done < bytes; done += PieceBytes)
        {
            using var scope = new TensorScope();
            int piece = (int)Math.Min(PieceBytes, bytes - done);
            byte[] mine = source is null ? [] : new byte[piece];
            isWell = isWell && (source is null || Does(step, () => source.ReadExactly(mine)));
            byte[] all = Broadcast(group, mine, piece, owner);
            isWell = isWell && (target is null || Does(step, () => target.Write(all)));
        }

        return isWell;
    }

    private static byte[] Broadcast(ProcessGroup group, byte[] mine, long bytes, int owner)
    {
        Tensor tensor = group.Rank == owner ? From<byte>(mine) : Empty([bytes], DType.UInt8);
        Broadcast(group, tensor, owner);
        return tensor.ToArray<byte>();
    }

    private static void Broadcast(ProcessGroup group, Tensor tensor, int owner)
    {
        using Work work = group.Broadcast(tensor, owner);
        work.Wait();
    }

    private bool IsFirst(int round, string what = "held")
    {
        Directory.CreateDirectory(root);
        string claim = Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"{what}-{round}"));
        try
        {
            new FileStream(claim, FileMode.CreateNew).Dispose();
            return true;
        }
        catch (IOException) when (File.Exists(claim))
        {
            return false;
        }
    }
}
