using System.Security.Cryptography;

namespace Lepton.Storage.Objects;

/// <summary>How objects are kept.</summary>
internal sealed record ObjectStoreOptions
{
    /// <summary>Bytes of a block but an object's last: 1 MiB, from 4 KiB to 64 MiB.</summary>
    public int BlockBytes { get; init; } = 1024 * 1024;

    /// <summary>How many references a record holds itself; more go into blocks of their own. 32.</summary>
    public int InlineRefsMax { get; init; } = 32;

    /// <summary>The smallest part of an upload but its last, in bytes: 5 MiB, as S3 has it.</summary>
    public long PartBytesMin { get; init; } = 5L * 1024 * 1024;

    /// <summary>How long an upload may lie unfinished before it is aborted: 7 days.</summary>
    public TimeSpan UploadAgeMax { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Makes the id of an upload: 32 hexadecimal digits, in lower case, that nobody can guess.</summary>
    public Func<string> NewUploadId { get; init; } =
        static () => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>The clock of what is shown to people.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
