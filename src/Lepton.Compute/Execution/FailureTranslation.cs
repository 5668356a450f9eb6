using System.Net.Sockets;
using System.Reflection;
using Google.Protobuf;
using Lepton.Compute.Formats;
using Lepton.Compute.Protocol;
using Lepton.Compute.Shuffle;
using Lepton.Objects;

namespace Lepton.Compute.Execution;

/// <summary>Turns what a task threw into an answer for the driver.</summary>
internal static class FailureTranslation
{
    // ENOSPC, and EDQUOT for the share of a user: .NET gives the errno on Unix, ERROR_DISK_FULL on Windows.
    private const int NoSpaceErrno = 28;
    private const int QuotaErrno = 122;
    private const int NoSpaceWindows = unchecked((int)0x80070070);

    /// <summary>Fills in the outcome and the failure.</summary>
    /// <param name="thrown">What ended the task.</param>
    /// <param name="running">The task.</param>
    /// <param name="runsAlone">Whether no other task ran beside it when it was thrown.</param>
    /// <param name="budgetBytes">The memory budget that is enforced; 0 where none is.</param>
    /// <param name="result">The answer to fill in.</param>
    public static void Describe(
        Exception thrown, RunningCopy running, bool runsAlone, long budgetBytes, TaskResult result)
    {
        // One failure inside an AggregateException is judged by itself, and arrives as it was thrown.
        Exception e = Unwrap(thrown);
        Exception sent = thrown is TargetInvocationException ? e : thrown;
        if (running.MemoryReason is not null || e is OutOfMemoryException or InsufficientMemoryException)
        {
            // The watch saw who ran when memory ran out. Where the runtime was faster, those that run now are asked.
            bool isShared = running.MemoryReason is null ? !runsAlone : running.SharedMemory;
            Fail(result, isShared ? FailureKind.SharedMemory : FailureKind.Memory, e);
            string ended = budgetBytes > 0 ? MemoryWatch.UsedUp(budgetBytes) : "the process ran out of memory";
            result.Failure.Message = running.MemoryReason
                ?? $"{ended} ({ExceptionCodec.MessageOf(e)}); {MemoryWatch.HeldAtLastCollection()}";
        }
        else if (e is OperationCanceledException && running.Cancellation.IsCancellationRequested)
        {
            result.Outcome = TaskOutcome.Cancelled;
        }
        else if (e is ShuffleFetchException fetch)
        {
            Fail(result, FailureKind.Fetch, e);
            result.Failure.Shuffle = fetch.ShuffleId;
            result.Failure.MapPartition = fetch.MapPartition;
        }
        else
        {
            Fail(result, IsPassing(e) ? FailureKind.InputOutput : FailureKind.User, sent);
        }
    }

    /// <summary>True for a full disk, and for an object store that is full.</summary>
    public static bool IsDiskFull(Exception e) =>
        e is ObjectException { Failure: ObjectFailure.Full }
        || (e is IOException && e.HResult is NoSpaceErrno or QuotaErrno or NoSpaceWindows);

    /// <summary>What user code threw, without the wrappers of reflection and tasks.</summary>
    public static Exception Unwrap(Exception e) =>
        e switch
        {
            TargetInvocationException { InnerException: { } inner } => Unwrap(inner),
            AggregateException { InnerExceptions.Count: 1 } one => Unwrap(one.InnerExceptions[0]),
            _ => e,
        };

    // Input and output can succeed the next time; a file that is not there, or a full disk, won't.
    private static bool IsPassing(Exception e) =>
        (e is IOException or HttpRequestException or SocketException or TimeoutException)
        && e is not (SourceException or FileNotFoundException or DirectoryNotFoundException or PathTooLongException
            or DriveNotFoundException)
        && !IsDiskFull(e);

    private static void Fail(TaskResult result, FailureKind kind, Exception e)
    {
        result.Outcome = TaskOutcome.Failed;
        result.Failure = new TaskFailureMessage
        {
            Kind = kind,
            Type = e.GetType().FullName ?? e.GetType().Name,
            Message = ExceptionCodec.MessageOf(e),
            Exception = ByteString.CopyFrom(ExceptionCodec.Encode(e)),
        };
    }
}
