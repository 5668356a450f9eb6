using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch.Distributed;

/// <summary>Makes exceptions of the shim's statuses for stores, groups and collectives.</summary>
internal static class CollectiveFailure
{
    public static void Check(int status, string what, CollectiveInfo? collective = null)
    {
        if (status != (int)NativeStatus.Ok)
        {
            Throw(status, what, collective);
        }
    }

    [DoesNotReturn]
    private static void Throw(int status, string what, CollectiveInfo? collective)
    {
        string words = NativeText.LastError();
        Exception? cause = CallbackFaults.Take();
        if (status == (int)NativeStatus.Callback && cause is not null)
        {
            ExceptionDispatchInfo.Throw(cause);
        }

        (CollectiveFault fault, string advice) = (NativeStatus)status switch
        {
            NativeStatus.Timeout => (
                CollectiveFault.Timeout,
                "Find out which rank did not come: it may have died, hang, or run another collective. Raise the " +
                "timeout where it is only slow."),
            NativeStatus.Connection => (
                CollectiveFault.Disconnected, "Find out which rank died, and why; its own log says so."),
            NativeStatus.Absent => (
                CollectiveFault.Absent,
                "Build the shim with a libtorch that has it: lepton native build --libtorch DIR."),
            NativeStatus.Callback => (CollectiveFault.Callback, "Look into the function that failed."),
            _ => (CollectiveFault.Refused, "All ranks must give tensors of one dtype and the shapes that it needs."),
        };
        int end = words.IndexOf("\nException raised from", StringComparison.Ordinal);
        string reason = (end < 0 ? words : words[..end]).Trim().TrimEnd('.');
        throw new CollectiveException(fault, $"{collective?.ToString() ?? what} failed: {reason}. {advice}")
        {
            Collective = collective,
        };
    }
}
