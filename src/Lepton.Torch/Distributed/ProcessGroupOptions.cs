namespace Lepton.Torch.Distributed;

/// <summary>How a group talks. Checked when the group is made.</summary>
public sealed record ProcessGroupOptions
{
    /// <summary>What errors call the group, whose ranks may not be those of the program; empty: nothing.</summary>
    public string Name { get; init; } = "";

    /// <summary>
    /// How long a collective, and the making of the group, may take before it fails; 30 minutes by default, as in
    /// PyTorch. A rank that died shows at once where its connection breaks, and after this time otherwise.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// The name or address that this rank listens on, for Gloo; null resolves the machine's own name, and falls back
    /// to loopback.
    /// </summary>
    public string? Host { get; init; }

    /// <summary>How many collectives Gloo runs side by side, 1 to 64; 2 by default, as in PyTorch.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>
    /// Whether sums go through shared memory where all ranks are on one machine, instead of through sockets; on by
    /// default. All ranks must say the same. Only with libtorch 1.13 on Linux, and only where <c>/dev/shm</c> has room.
    /// </summary>
    public bool SharesMemory { get; init; } = true;

    /// <summary>
    /// How many bytes a second this rank may send, 1,000 or more, by a token bucket in Gloo's transport; null: as many
    /// as the link takes. Sums go through sockets then, whatever <see cref="SharesMemory"/> says. Shows what a slow
    /// link costs, or leaves room on one for others. All ranks must set it, or none. With libtorch 1.13 only.
    /// </summary>
    public long? SendBytesPerSecondMax { get; init; }

    /// <summary>
    /// Whether a group over Gloo takes tensors on GPUs over NCCL, each rank on a GPU of its own; off by default. All
    /// ranks must say the same. Only where the native library has NCCL, and with libtorch 2.x.
    /// </summary>
    public bool UsesNccl { get; init; }

    /// <summary>Throws with all that is wrong at once.</summary>
    internal void Validate(int rank, int size)
    {
        List<string> errors = [];
        if (Timeout <= TimeSpan.Zero)
        {
            errors.Add($"{nameof(Timeout)} is {Timeout}; it must be above 0.");
        }

        if (Threads is < 1 or > 64)
        {
            errors.Add($"{nameof(Threads)} is {Threads}; it must lie within 1 and 64.");
        }

        if (SendBytesPerSecondMax is < 1000)
        {
            errors.Add(
                $"{nameof(SendBytesPerSecondMax)} is {SendBytesPerSecondMax}; it must be 1000 or more, or null for " +
                "no limit.");
        }

        if (size < 1 || rank < 0 || rank >= size)
        {
            errors.Add($"Rank {rank} of {size} is none; ranks count from 0.");
        }

        if (errors.Count > 0)
        {
            throw new ArgumentException("The group can't be made: " + string.Join(' ', errors));
        }
    }
}
