using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>Gradients: backward through what was recorded, and what is done to all gradients of a model.</summary>
public static class TensorGradients
{
    /// <summary>
    /// Adds the gradients of this tensor by all leaves that it was computed from to their <see cref="Tensor.Grad"/>.
    /// </summary>
    /// <param name="output">What to differentiate: one number, unless a gradient is given.</param>
    /// <param name="gradient">The weights of its elements, of its shape.</param>
    /// <param name="retainGraph">Whether the graph is kept for another backward.</param>
    /// <param name="createGraph">Whether this backward is itself recorded, for gradients of gradients.</param>
    public static unsafe void Backward(
        this Tensor output, Tensor? gradient = null, bool retainGraph = false, bool createGraph = false)
    {
        nint handle = output.Handle;
        nint weights = OperatorCalls.HandleOf(gradient);
        int status = NativeAutograd.Backward(
            &handle, gradient is null ? null : &weights, 1, null, 0, retainGraph || createGraph ? 1 : 0,
            createGraph ? 1 : 0);
        if (status != 0)
        {
            TorchFailure.Throw(status, "backward", output, gradient);
        }

        GC.KeepAlive(output);
        GC.KeepAlive(gradient);
    }

    /// <summary>Backward through several tensors at once; a missing gradient stands for 1.</summary>
    /// <param name="outputs">What to differentiate.</param>
    /// <param name="gradients">The weights of their elements; none, or one for each.</param>
    /// <param name="retainGraph">Whether the graph is kept for another backward.</param>
    public static unsafe void BackwardAll(
        ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor?> gradients = default, bool retainGraph = false)
    {
        RequireOneEach(outputs, gradients);
        using var handles = new HandleList(outputs);
        using HandleList weights = HandleList.OfOptional(gradients);
        fixed (nint* first = handles.Span)
        fixed (nint* second = weights.Span)
        {
            int status = NativeAutograd.Backward(
                first, gradients.IsEmpty ? null : second, handles.Count, null, 0, retainGraph ? 1 : 0, 0);
            if (status != 0)
            {
                TorchFailure.Throw(status, "backward", outputs);
            }
        }

        KeepAlive(outputs);
        KeepAlive(gradients);
    }

    /// <summary>
    /// The gradients of outputs by inputs, as new tensors; nothing is added to <see cref="Tensor.Grad"/>.
    /// </summary>
    /// <param name="outputs">What to differentiate.</param>
    /// <param name="inputs">By what.</param>
    /// <param name="gradients">The weights of the outputs' elements; none, or one for each.</param>
    /// <param name="retainGraph">Whether the graph is kept for another backward.</param>
    /// <param name="createGraph">Whether the computation of the gradients is itself recorded.</param>
    /// <param name="allowUnused">Whether an input may have no part in the outputs; its gradient is then null.</param>
    public static unsafe Tensor?[] Gradients(
        ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs, ReadOnlySpan<Tensor?> gradients = default,
        bool retainGraph = false, bool createGraph = false, bool allowUnused = false)
    {
        RequireOneEach(outputs, gradients);
        using var handles = new HandleList(outputs);
        using var wanted = new HandleList(inputs);
        using HandleList weights = HandleList.OfOptional(gradients);
        nint[] found = new nint[inputs.Length];
        fixed (nint* first = handles.Span)
        fixed (nint* second = weights.Span)
        fixed (nint* third = wanted.Span)
        fixed (nint* results = found)
        {
            int status = NativeAutograd.Gradients(
                first, gradients.IsEmpty ? null : second, handles.Count, third, wanted.Count,
                retainGraph || createGraph ? 1 : 0, createGraph ? 1 : 0, allowUnused ? 1 : 0, results);
            if (status != 0)
            {
                TorchFailure.Throw(status, "gradients", outputs);
            }
        }

        KeepAlive(outputs);
        KeepAlive(inputs);
        KeepAlive(gradients);
        return Array.ConvertAll(found, static handle => handle == 0 ? null : Tensor.Own(handle));
    }

    /// <summary>Keeps the gradient of a tensor that is no leaf.</summary>
    public static void RetainGrad(this Tensor tensor)
    {
        int status = NativeAutograd.RetainGrad(tensor.Handle);
        if (status != 0)
        {
            TorchFailure.Throw(status, "retain_grad", tensor);
        }

        GC.KeepAlive(tensor);
    }

    /// <summary>The recorded function that made the tensor, such as <c>AddBackward0</c>; null for leaves.</summary>
    public static unsafe string? GradFunction(this Tensor tensor)
    {
        TorchFailure.Check(NativeAutograd.GradFunction(tensor.Handle, out byte* name), "grad_fn");
        GC.KeepAlive(tensor);
        return NativeText.Taken(name);
    }

    /// <summary>
    /// Has a function see the tensor's gradient whenever it was computed, and replace it: null leaves it as it is.
    /// </summary>
    /// <param name="tensor">A tensor that requires gradients.</param>
    /// <param name="hook">
    /// Called on the thread of backward. Its argument is freed when it returns, unless it returns it. What it throws
    /// comes out of backward.
    /// </param>
    /// <returns>Removes the hook when disposed; it goes with the tensor otherwise.</returns>
    public static GradientHook AddGradientHook(this Tensor tensor, Func<Tensor, Tensor?> hook) =>
        GradientHook.Add(tensor, hook);

    /// <summary>Removes the gradients of all tensors, or makes them zeros in place.</summary>
    /// <param name="tensors">A model's parameters.</param>
    /// <param name="toNull">
    /// Whether they become null, which saves memory and a pass; gradients that are views of buckets must stay.
    /// </param>
    public static unsafe void ZeroGradients(ReadOnlySpan<Tensor> tensors, bool toNull = true)
    {
        using var handles = new HandleList(tensors);
        fixed (nint* pointer = handles.Span)
        {
            TorchFailure.Check(NativeAutograd.ZeroGradients(pointer, handles.Count, toNull ? 1 : 0), "zero_grad");
        }

        KeepAlive(tensors);
    }

    /// <summary>
    /// Scales the gradients of all tensors so that their common p-norm is at most <paramref name="normMax"/>.
    /// </summary>
    /// <returns>The norm before.</returns>
    public static unsafe double ClipGradients(ReadOnlySpan<Tensor> tensors, double normMax, double p = 2)
    {
        using var handles = new HandleList(tensors);
        double total;
        fixed (nint* pointer = handles.Span)
        {
            TorchFailure.Check(
                NativeAutograd.ClipGradients(pointer, handles.Count, normMax, p, out total), "clip_grad_norm_");
        }

        KeepAlive(tensors);
        return total;
    }

    private static void RequireOneEach(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor?> gradients)
    {
        if (!gradients.IsEmpty && gradients.Length != outputs.Length)
        {
            throw new ArgumentException(
                $"{outputs.Length} outputs need as many gradients, not {gradients.Length}; null stands for 1.",
                nameof(gradients));
        }
    }

    private static void KeepAlive(ReadOnlySpan<Tensor?> tensors)
    {
        foreach (Tensor? tensor in tensors)
        {
            GC.KeepAlive(tensor);
        }
    }
}
