using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Text;
using Lepton.Torch.Distributed;
using Lepton.Torch.Native;

namespace Lepton.Torch.Errors;

/// <summary>
/// Makes exceptions of the shim's statuses: who refused what, in libtorch's words, and what to do next.
/// </summary>
internal static class TorchFailure
{
    /// <summary>Throws for a call that has no tensors to tell of.</summary>
    public static void Check(int status, string what)
    {
        if (status != (int)NativeStatus.Ok)
        {
            Throw(status, what, []);
        }
    }

    /// <summary>Throws for an operator, with what it was given.</summary>
    [DoesNotReturn]
    public static void Throw(int status, string operatorName, params ReadOnlySpan<Tensor?> given) =>
        throw Of(status, operatorName, Describe(given));

    /// <summary>Throws for an operator of one of the shim's families.</summary>
    [DoesNotReturn]
    public static void ThrowFamily(int status, int family, int place, params ReadOnlySpan<Tensor?> given)
    {
        // Read before the name is asked for, which is a call of its own.
        string words = NativeText.LastError();
        string name = "aten::" + NativeText.OperatorName(family, place);
        throw Of((NativeStatus)status, name, Describe(given), words);
    }

    /// <summary>The exception for a status.</summary>
    public static Exception Of(int status, string operatorName, string given) =>
        Of((NativeStatus)status, operatorName, given, NativeText.LastError());

    private static Exception Of(NativeStatus status, string operatorName, string given, string words)
    {
        string reason = FirstLines(words);
        if (status == NativeStatus.Callback && CallbackFaults.Take() is { } fault)
        {
            // A hook's own exception goes on as it is, with its stack: the operator is only where it surfaced.
            ExceptionDispatchInfo.Throw(fault);
        }

        string subject = given.Length == 0 ? operatorName : $"{operatorName}({given})";
        string message = $"{subject} failed: {reason.TrimEnd('.', ' ', '\n')}. {Advice(status, reason)}".TrimEnd();
        return status switch
        {
            NativeStatus.OutOfMemory => new TorchMemoryException(operatorName, message),

            // Backward, in which gradients are reduced.
            NativeStatus.Timeout => new CollectiveException(CollectiveFault.Timeout, message),
            NativeStatus.Connection => new CollectiveException(CollectiveFault.Disconnected, message),
            _ => new TorchOperatorException(operatorName, reason, message),
        };
    }

    /// <summary>Dtypes and shapes, such as <c>float32[2, 3], int64[]</c>.</summary>
    public static string Describe(ReadOnlySpan<Tensor?> given)
    {
        var text = new StringBuilder();
        foreach (Tensor? tensor in given)
        {
            if (text.Length > 0)
            {
                text.Append(", ");
            }

            text.Append(tensor is null ? "none" : tensor.Signature);
        }

        return text.ToString();
    }

    // libtorch's messages may be followed by lines about its own source.
    private static string FirstLines(string words)
    {
        int end = words.IndexOf("\nException raised from", StringComparison.Ordinal);
        string text = (end < 0 ? words : words[..end]).Trim();
        return text.Length == 0 ? "libtorch gave no reason" : text;
    }

    private static string Advice(NativeStatus status, string reason) => status switch
    {
        NativeStatus.OutOfMemory =>
            "Use smaller batches, free what a step made (TensorScope), or record fewer steps for backward.",
        NativeStatus.NotImplemented when Mentions(reason, "Could not run") =>
            "Move the tensor to a device that has this operator, or build with a libtorch that has it.",
        NativeStatus.NotImplemented => "Convert the tensor to a dtype that it takes, such as To(DType.Float32).",
        NativeStatus.Index => "Indices count from 0, and from the end as ^1; correct the index.",
        NativeStatus.UnknownOperator => "Correct the name, or use a libtorch that has this operator.",
        NativeStatus.Argument => "Compare the call with the operator's schema (TorchOperator.Schema).",
        NativeStatus.Timeout or NativeStatus.Connection =>
            "Find out which rank died, hangs, or does something else than the others; its own log says so.",
        NativeStatus.Absent => "Build the shim with a libtorch that has it: lepton native build --libtorch DIR.",
        _ when Mentions(reason, "dtype") || Mentions(reason, "scalar type") || Mentions(reason, "ScalarType") =>
            "Convert one of them with To(DType).",
        _ when Mentions(reason, "size") || Mentions(reason, "shape") || Mentions(reason, "dimension") =>
            "Make the shapes fit: Reshape, Unsqueeze and Transpose change them.",
        _ when Mentions(reason, "device") => "Move all tensors to one device with To(Device).",
        _ => "",
    };

    private static bool Mentions(string reason, string word) =>
        reason.Contains(word, StringComparison.OrdinalIgnoreCase);
}
