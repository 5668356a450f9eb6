using System.Diagnostics.CodeAnalysis;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;
using Lepton.Core.Records;

namespace Lepton.Compute.Session;

/// <summary>Takes the value of a finished task: from the message, or from the file beside it where it is
/// large.</summary>
internal static class ResultValue
{
    /// <summary>Where the output of a map task lies: its value is the path.</summary>
    public static OutputLocation LocationOf(ExecutorLink link, ReadOnlyMemory<byte> value)
    {
        var reader = new RecordReader(value.Span);
        return new OutputLocation { Worker = link.Name, Path = reader.ReadString(), BlockAddress = link.BlockAddress };
    }

    /// <summary>False, with the fault to settle, when the file can't be read: the task is then tried again.</summary>
    public static bool TryTake(
        TaskResult result, string worker, out ReadOnlyMemory<byte> value, [NotNullWhen(false)] out TaskFault? fault)
    {
        fault = null;
        value = result.Value.Memory;
        if (result.ValuePath.Length == 0)
        {
            return true;
        }

        try
        {
            value = File.ReadAllBytes(result.ValuePath);
            File.Delete(result.ValuePath);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = new TaskFault(TaskFaultKind.InputOutput, $"its result could not be read: {e.Message}", default,
                worker);
            return false;
        }
    }
}
