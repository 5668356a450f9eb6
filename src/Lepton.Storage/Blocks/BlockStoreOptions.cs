using Lepton.Core.Durability;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Storage.Blocks;

/// <summary>How blocks lie on a disk.</summary>
internal sealed record BlockStoreOptions
{
    /// <summary>The folder of the segments; made where it is missing.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// The length in bytes from which on a segment gets no more blocks; 256 MiB. One block may be longer than that.
    /// </summary>
    public long SegmentBytesMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>
    /// The share of a closed segment's bytes that must be needed for it to stay as it is; 0.5, from 0 to 1. Below it,
    /// collecting garbage copies what is needed, and deletes the file.
    /// </summary>
    public double LiveShareMin { get; init; } = 0.5;

    /// <summary>
    /// The share of a block's bytes that compressing it must save for it to be stored so; 0.12, from 0 to 1. At 1,
    /// nothing is compressed.
    /// </summary>
    public double CompressionSavingMin { get; init; } = 0.12;

    /// <summary>How long a block that nothing refers to is kept at least after it was written; one hour.</summary>
    public TimeSpan GraceTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The clock by which the age of blocks is told. It orders nothing.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Flushes a file to the disk, and throws where it was not.</summary>
    public Action<SafeFileHandle> Flush { get; init; } = DurableFile.Fsync;

    /// <summary>The disk; null for the folder as it is.</summary>
    public IBlockDisk? Disk { get; init; }

    /// <summary>The threads by which the disk is flushed, and its blocks are read over and over.</summary>
    public WorkThreads Threads { get; init; } = WorkThreads.Pool;

    /// <summary>Where damage is told.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
