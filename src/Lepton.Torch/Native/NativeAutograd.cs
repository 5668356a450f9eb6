using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>Gradients.</summary>
internal static unsafe partial class NativeAutograd
{
    private const string Library = NativeLibraryCalls.Library;

    [LibraryImport(Library, EntryPoint = "lt_zero_gradients")]
    public static partial int ZeroGradients(nint* tensors, int count, int toNone);

    [LibraryImport(Library, EntryPoint = "lt_clip_gradients")]
    public static partial int ClipGradients(nint* tensors, int count, double norm, double p, out double total);

    [LibraryImport(Library, EntryPoint = "lt_requires_grad")]
    [SuppressGCTransition]
    public static partial int RequiresGrad(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_set_requires_grad")]
    public static partial int SetRequiresGrad(nint tensor, int value);

    [LibraryImport(Library, EntryPoint = "lt_is_leaf")]
    [SuppressGCTransition]
    public static partial int IsLeaf(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_retain_grad")]
    public static partial int RetainGrad(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_grad")]
    public static partial int Grad(nint tensor, out nint gradient);

    [LibraryImport(Library, EntryPoint = "lt_set_grad")]
    public static partial int SetGrad(nint tensor, nint gradient);

    [LibraryImport(Library, EntryPoint = "lt_grad_function")]
    public static partial int GradFunction(nint tensor, out byte* name);

    [LibraryImport(Library, EntryPoint = "lt_backward")]
    public static partial int Backward(
        nint* outputs, nint* gradients, int count, nint* inputs, int inputCount, int retainGraph, int createGraph);

    [LibraryImport(Library, EntryPoint = "lt_gradients")]
    public static partial int Gradients(
        nint* outputs, nint* gradients, int count, nint* inputs, int inputCount, int retainGraph, int createGraph,
        int allowUnused, nint* results);

    [LibraryImport(Library, EntryPoint = "lt_grad_enabled")]
    [SuppressGCTransition]
    public static partial int GradEnabled();

    [LibraryImport(Library, EntryPoint = "lt_set_grad_enabled")]
    [SuppressGCTransition]
    public static partial void SetGradEnabled(int enabled);

    [LibraryImport(Library, EntryPoint = "lt_inference_begin")]
    public static partial int InferenceBegin(out nint guard);

    [LibraryImport(Library, EntryPoint = "lt_inference_end")]
    public static partial void InferenceEnd(nint guard);

    [LibraryImport(Library, EntryPoint = "lt_autocast_begin")]
    public static partial int AutocastBegin(int deviceType, int dtype, out int before);

    [LibraryImport(Library, EntryPoint = "lt_autocast_end")]
    public static partial void AutocastEnd(int deviceType, int before);

    [LibraryImport(Library, EntryPoint = "lt_not_finite_begin")]
    public static partial int NotFiniteBegin();

    [LibraryImport(Library, EntryPoint = "lt_not_finite_end")]
    public static partial int NotFiniteEnd(out byte* text);

    [LibraryImport(Library, EntryPoint = "lt_hook_add")]
    public static partial int HookAdd(
        nint tensor, delegate* unmanaged<nint, nint, nint*, int> hook, nint context,
        delegate* unmanaged<nint, void> release, out uint id);

    [LibraryImport(Library, EntryPoint = "lt_hook_remove")]
    public static partial int HookRemove(nint tensor, uint id);

    [LibraryImport(Library, EntryPoint = "lt_function_attach")]
    public static partial int FunctionAttach(
        nint* inputs, int inputCount, nint* outputs, int outputCount,
        delegate* unmanaged<nint, nint*, int, nint*, int, int> backward, nint context,
        delegate* unmanaged<nint, void> release);
}
