using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>Operators that are called without boxing.</summary>
internal static unsafe partial class NativeOperators
{
    private const string Library = NativeLibraryCalls.Library;

    [LibraryImport(Library, EntryPoint = "lt_operator_name")]
    public static partial byte* OperatorName(int family, int place);

    [LibraryImport(Library, EntryPoint = "lt_unary")]
    public static partial int Unary(int place, nint a, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_unary_in_place")]
    public static partial int UnaryInPlace(int place, nint a);

    [LibraryImport(Library, EntryPoint = "lt_binary")]
    public static partial int Binary(int place, nint a, nint b, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_binary_in_place")]
    public static partial int BinaryInPlace(int place, nint a, nint b);

    [LibraryImport(Library, EntryPoint = "lt_binary_scalar")]
    public static partial int BinaryScalar(int place, nint a, NativeScalar b, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_binary_scalar_in_place")]
    public static partial int BinaryScalarInPlace(int place, nint a, NativeScalar b);

    [LibraryImport(Library, EntryPoint = "lt_add")]
    public static partial int Add(nint a, nint b, NativeScalar alpha, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_sub")]
    public static partial int Sub(nint a, nint b, NativeScalar alpha, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_add_in_place")]
    public static partial int AddInPlace(nint a, nint b, NativeScalar alpha);

    [LibraryImport(Library, EntryPoint = "lt_sub_in_place")]
    public static partial int SubInPlace(nint a, nint b, NativeScalar alpha);

    [LibraryImport(Library, EntryPoint = "lt_add_scalar")]
    public static partial int AddScalar(nint a, NativeScalar b, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_add_scalar_in_place")]
    public static partial int AddScalarInPlace(nint a, NativeScalar b);

    [LibraryImport(Library, EntryPoint = "lt_rsub_scalar")]
    public static partial int RsubScalar(nint a, NativeScalar b, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_addcmul")]
    public static partial int Addcmul(nint a, nint b, nint c, NativeScalar value, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_addcmul_in_place")]
    public static partial int AddcmulInPlace(nint a, nint b, nint c, NativeScalar value);

    [LibraryImport(Library, EntryPoint = "lt_addcdiv")]
    public static partial int Addcdiv(nint a, nint b, nint c, NativeScalar value, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_addcdiv_in_place")]
    public static partial int AddcdivInPlace(nint a, nint b, nint c, NativeScalar value);

    [LibraryImport(Library, EntryPoint = "lt_lerp")]
    public static partial int Lerp(nint a, nint b, NativeScalar weight, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_lerp_in_place")]
    public static partial int LerpInPlace(nint a, nint b, NativeScalar weight);

    [LibraryImport(Library, EntryPoint = "lt_addmm")]
    public static partial int Addmm(nint a, nint b, nint c, NativeScalar beta, NativeScalar alpha, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_linear")]
    public static partial int Linear(nint input, nint weight, nint bias, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_where")]
    public static partial int Where(nint condition, nint a, nint b, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_gelu")]
    public static partial int Gelu(nint a, int approximate, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_softmax")]
    public static partial int Softmax(nint a, long dim, int dtype, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_log_softmax")]
    public static partial int LogSoftmax(nint a, long dim, int dtype, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_sum_dims")]
    public static partial int SumDims(nint a, long* dims, int count, int keep, int dtype, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_mean_dims")]
    public static partial int MeanDims(nint a, long* dims, int count, int keep, int dtype, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_reduce_dim")]
    public static partial int ReduceDim(int kind, nint a, long dim, int keep, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_norm")]
    public static partial int Norm(nint a, NativeScalar p, long* dims, int count, int keep, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_shaped")]
    public static partial int Shaped(int kind, nint a, long* values, int count, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_shaped_pair")]
    public static partial int ShapedPair(int kind, nint a, long x, long y, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_shaped_dim")]
    public static partial int ShapedDim(int kind, nint a, long dim, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_slice")]
    public static partial int Slice(nint a, long dim, long start, long end, long step, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_narrow")]
    public static partial int Narrow(nint a, long dim, long start, long length, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_index_select")]
    public static partial int IndexSelect(nint a, long dim, nint index, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_gather")]
    public static partial int Gather(nint a, long dim, nint index, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_cat")]
    public static partial int Cat(nint* tensors, int count, long dim, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_stack")]
    public static partial int Stack(nint* tensors, int count, long dim, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_split")]
    public static partial int Split(nint a, long size, long dim, nint* results, int capacity, out int count);

    [LibraryImport(Library, EntryPoint = "lt_to")]
    public static partial int To(
        nint a, int dtype, int deviceType, int deviceIndex, int nonBlocking, int copy, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_copy_in_place")]
    public static partial int CopyInPlace(nint a, nint b, int nonBlocking);

    [LibraryImport(Library, EntryPoint = "lt_embedding")]
    public static partial int Embedding(
        nint table, nint index, long padding, int scaleByFrequency, int sparse, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_dropout")]
    public static partial int Dropout(nint a, double p, int training, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_layer_norm")]
    public static partial int LayerNorm(
        nint a, long* shape, int dims, nint weight, nint bias, double epsilon, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_batch_norm")]
    public static partial int BatchNorm(
        nint a, nint weight, nint bias, nint mean, nint variance, int training, double momentum, double epsilon,
        out nint result);

    [LibraryImport(Library, EntryPoint = "lt_group_norm")]
    public static partial int GroupNorm(nint a, long groups, nint weight, nint bias, double epsilon, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_cross_entropy")]
    public static partial int CrossEntropy(
        nint input, nint target, nint weight, int reduction, long ignoreIndex, double labelSmoothing, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_nll_loss")]
    public static partial int NllLoss(
        nint input, nint target, nint weight, int reduction, long ignoreIndex, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_mse_loss")]
    public static partial int MseLoss(nint input, nint target, int reduction, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_bce_with_logits")]
    public static partial int BceWithLogits(
        nint input, nint target, nint weight, nint positiveWeight, int reduction, out nint result);
}
