using Lepton.Torch.Autograd;
using Lepton.Torch.Errors;
using Lepton.Torch.Memory;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// The entry to libtorch: makes tensors, calls any operator, and says whether operators are recorded for backward.
/// </summary>
/// <remarks>Every member throws <see cref="TorchLibraryException"/> where the native library can't be had.</remarks>
public static class Torch
{
    private static readonly OperatorTable s_operators = new();
    private static readonly TorchOperator s_arange = new("aten::arange.start_step");
    private static readonly TorchOperator s_linspace = new("aten::linspace");
    private static readonly TorchOperator s_eye = new("aten::eye.m");
    private static readonly TorchOperator s_multinomial = new("aten::multinomial");

    /// <summary>Tensors that this process made and did not free yet. Views and gradients count for one each.</summary>
    public static long LiveTensorCount => LiveTensors.Count;

    /// <summary>Whether this thread records operators for backward.</summary>
    public static bool IsGradEnabled => NativeAutograd.GradEnabled() != 0;

    /// <summary>A tensor whose elements are whatever the memory held.</summary>
    public static unsafe Tensor Empty(
        ReadOnlySpan<long> shape, DType dtype = DType.Float32, Device device = default)
    {
        fixed (long* pointer = shape)
        {
            int status = NativeTensors.Empty(
                pointer, shape.Length, (int)dtype, (int)device.Kind, IndexOf(device), out nint result);
            return Made(status, result, "aten::empty", shape, dtype);
        }
    }

    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(
        ReadOnlySpan<long> shape, DType dtype = DType.Float32, Device device = default) =>
        Full(shape, 0, dtype, device);

    /// <summary>A tensor of ones.</summary>
    public static Tensor Ones(
        ReadOnlySpan<long> shape, DType dtype = DType.Float32, Device device = default) =>
        Full(shape, 1, dtype, device);

    /// <summary>A tensor of one value.</summary>
    public static unsafe Tensor Full(
        ReadOnlySpan<long> shape, Scalar value, DType dtype = DType.Float32, Device device = default)
    {
        fixed (long* pointer = shape)
        {
            int status = NativeTensors.Full(
                pointer, shape.Length, value.Native, (int)dtype, (int)device.Kind, IndexOf(device), out nint result);
            return Made(status, result, "aten::full", shape, dtype);
        }
    }

    /// <summary>A tensor without dimensions that holds one number.</summary>
    public static Tensor Scalar(Scalar value, DType dtype = DType.Float32) => Full([], value, dtype);

    /// <summary>A tensor that holds a copy of C#'s numbers, in row-major order.</summary>
    /// <exception cref="ArgumentException">The shape asks for another number of elements.</exception>
    public static unsafe Tensor From<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        RequireCount(values.Length, shape);
        fixed (T* data = values)
        fixed (long* pointer = shape)
        {
            int status = NativeTensors.CopyIn(
                data, (long)values.Length * sizeof(T), pointer, shape.Length, (int)DTypes.Of<T>(), out nint result);
            return Made(status, result, "from memory", shape, DTypes.Of<T>());
        }
    }

    /// <summary>A tensor with one dimension that holds a copy of C#'s numbers.</summary>
    public static Tensor From<T>(params ReadOnlySpan<T> values)
        where T : unmanaged => From(values, [values.Length]);

    /// <summary>
    /// A tensor over memory of the caller's, not copied: what changes one changes the other. The memory stays pinned
    /// until the last tensor over it is gone.
    /// </summary>
    /// <exception cref="ArgumentException">The shape asks for another number of elements.</exception>
    public static unsafe Tensor Over<T>(Memory<T> memory, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        RequireCount(memory.Length, shape);
        var pin = new PinnedMemory(memory.Pin());
        nint context = NativeCallbacks.Hold(pin);
        fixed (long* pointer = shape)
        {
            int status = NativeTensors.Over(
                pin.Pointer, pointer, shape.Length, (int)DTypes.Of<T>(), context, NativeCallbacks.Release,
                out nint result);
            return Made(status, result, "over memory", shape, DTypes.Of<T>());
        }
    }

    /// <summary>The integers from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    public static Tensor Arange(
        Scalar start, Scalar end, Scalar? step = null, DType dtype = DType.Int64, Device device = default) =>
        s_arange.Call(
            start, end, step ?? 1, TorchValue.Named("dtype", dtype), TorchValue.Named("device", device));

    /// <summary>Numbers at equal distances, both ends included.</summary>
    public static Tensor Linspace(
        double start, double end, long count, DType dtype = DType.Float32, Device device = default) =>
        s_linspace.Call(start, end, count, TorchValue.Named("dtype", dtype), TorchValue.Named("device", device));

    /// <summary>A matrix with ones on its diagonal.</summary>
    public static Tensor Eye(
        long rows, long? columns = null, DType dtype = DType.Float32, Device device = default) =>
        s_eye.Call(rows, columns ?? rows, TorchValue.Named("dtype", dtype), TorchValue.Named("device", device));

    /// <summary>Random numbers from 0 to 1, 1 not included.</summary>
    public static Tensor Rand(
        ReadOnlySpan<long> shape, DType dtype = DType.Float32, Device device = default, Generator? generator = null) =>
        Empty(shape, dtype, device).UniformInPlace(0, 1, generator);

    /// <summary>Random numbers of the normal distribution with mean 0 and deviation 1.</summary>
    public static Tensor Randn(
        ReadOnlySpan<long> shape, DType dtype = DType.Float32, Device device = default, Generator? generator = null) =>
        Empty(shape, dtype, device).NormalInPlace(0, 1, generator);

    /// <summary>Random integers from <paramref name="low"/> up to, not including, <paramref name="high"/>.</summary>
    public static Tensor RandInt(
        long low, long high, ReadOnlySpan<long> shape, DType dtype = DType.Int64, Device device = default,
        Generator? generator = null) =>
        Empty(shape, dtype, device).RandomInPlace(low, high, generator);

    /// <summary>
    /// The integers from 0 to <paramref name="count"/> - 1 in random order, on the generator's device.
    /// </summary>
    public static Tensor RandPerm(long count, Generator? generator = null)
    {
        int status = NativeRandom.RandomPermutation(count, generator?.Handle ?? 0, out nint result);
        GC.KeepAlive(generator);
        return Made(status, result, "aten::randperm", [count], DType.Int64);
    }

    /// <summary>Draws indices by their weights, a row at a time.</summary>
    public static Tensor Multinomial(
        Tensor weights, long count, bool replacement = false, Generator? generator = null) =>
        s_multinomial.Call(weights, count, replacement, generator);

    /// <summary>Zeros of a tensor's shape, dtype and device.</summary>
    public static Tensor ZerosLike(Tensor tensor) => OperatorCalls.Unary(UnaryOperator.ZerosLike, tensor);

    /// <summary>Ones of a tensor's shape, dtype and device.</summary>
    public static Tensor OnesLike(Tensor tensor) => OperatorCalls.Unary(UnaryOperator.OnesLike, tensor);

    /// <summary>A tensor of another's shape, dtype and device, its elements whatever the memory held.</summary>
    public static Tensor EmptyLike(Tensor tensor) => OperatorCalls.Unary(UnaryOperator.EmptyLike, tensor);

    /// <summary>Tensors one behind the other along a dimension that they have.</summary>
    public static Tensor Cat(ReadOnlySpan<Tensor> tensors, int dimension = 0)
    {
        using var handles = new HandleList(tensors);
        int status = handles.Cat(dimension, out nint result);
        return OperatorCalls.Made(status, result, "aten::cat", tensors);
    }

    /// <summary>Tensors one behind the other along a new dimension.</summary>
    public static Tensor Stack(ReadOnlySpan<Tensor> tensors, int dimension = 0)
    {
        using var handles = new HandleList(tensors);
        int status = handles.Stack(dimension, out nint result);
        return OperatorCalls.Made(status, result, "aten::stack", tensors);
    }

    /// <summary>
    /// Calls any operator by its name, which must have one tensor as its result; see <see cref="TorchOperator"/>.
    /// </summary>
    public static Tensor Call(string operatorName, params ReadOnlySpan<TorchValue> arguments) =>
        s_operators[operatorName].Call(arguments);

    /// <summary>Calls any operator by its name and gives all its results.</summary>
    public static TorchValue[] CallAll(string operatorName, params ReadOnlySpan<TorchValue> arguments) =>
        s_operators[operatorName].CallAll(arguments);

    /// <summary>Has this thread record nothing for backward until the result is disposed.</summary>
    public static GradModeScope NoGrad() => new(false);

    /// <summary>Has this thread record operators for backward again until the result is disposed.</summary>
    public static GradModeScope EnableGrad() => new(true);

    /// <summary>
    /// Has this thread make tensors that can never take part in autograd, which is cheaper than
    /// <see cref="NoGrad"/>, until the result is disposed.
    /// </summary>
    public static InferenceScope Inference() => new();

    /// <summary>
    /// Has this thread compute operators for which that is safe (products, convolutions) in a smaller dtype, and those
    /// that need it (losses, norms) in float32, until the result is disposed: PyTorch's <c>autocast</c>. Parameters
    /// keep their dtype, and so do their gradients.
    /// </summary>
    /// <remarks>For forward alone: backward takes each operator's dtype by itself. Scopes nest.</remarks>
    /// <exception cref="TorchOperatorException">The device has no autocast.</exception>
    public static AutocastScope Autocast(DType dtype = DType.BFloat16, Device device = default) => new(dtype, device);

    /// <summary>
    /// Runs a function and finds the first operator in it that gave NaN or an infinite number. Each result is looked
    /// at, which makes it several times slower.
    /// </summary>
    /// <returns>Null where all were finite.</returns>
    public static NotFiniteOperator? FindNotFinite(Action body) => NotFiniteOperator.Find(body);

    /// <summary>Seeds the default generators of all devices: the same draws follow.</summary>
    public static void ManualSeed(ulong seed) =>
        TorchFailure.Check(NativeRandom.ManualSeed(seed), "manual_seed");

    /// <summary>The index of a device as libtorch wants it: the CPU has none.</summary>
    internal static int IndexOf(Device device) => device.Kind == DeviceKind.Cuda ? device.Index : -1;

    private static Tensor Made(int status, nint result, string operatorName, ReadOnlySpan<long> shape, DType dtype)
    {
        if (status != 0)
        {
            throw TorchFailure.Of(status, operatorName, $"{dtype.Name()}[{string.Join(", ", shape.ToArray())}]");
        }

        return Tensor.Own(result);
    }

    private static void RequireCount(long count, ReadOnlySpan<long> shape)
    {
        long wanted = 1;
        foreach (long size in shape)
        {
            wanted *= size;
        }

        if (wanted != count)
        {
            throw new ArgumentException(
                $"The shape [{string.Join(", ", shape.ToArray())}] has {wanted} elements; {count} are given.",
                nameof(shape));
        }
    }
}
