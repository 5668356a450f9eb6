/*
 * The C interface of Lepton's libtorch shim. Lepton.Torch is its only caller.
 *
 * Rules that hold for every function:
 *  - No exception crosses this line. A function that can fail returns an lt_status; anything but LT_OK leaves its words
 *    in a buffer of the calling thread, which lt_last_error() reads, and writes nothing to its out-parameters.
 *  - An lt_tensor is the address of libtorch's own TensorImpl, and one reference to it. Whoever got it from an
 *    out-parameter gives it back by lt_tensor_release. Arguments are borrowed: their reference stays the caller's. NULL
 *    stands for an undefined tensor where a function's comment allows it.
 *  - All other handles (lt_generator, lt_store, lt_group, lt_work, lt_future, lt_reducer) are released by the function
 *    named after them.
 *  - Text is UTF-8 and ends in 0. Memory that a function hands out as a buffer is released by lt_free.
 *  - Functions may be called from any thread. What libtorch keeps by thread (gradient mode) is kept by thread here too.
 *  - Callbacks return an lt_status. One that fails returns LT_CALLBACK; the function during which it was called then
 *    fails with the same status. A callback's context is given back exactly once by the `release` that came with it.
 */
#ifndef LEPTON_TORCH_H
#define LEPTON_TORCH_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define LT_API __declspec(dllexport)
#else
#define LT_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a function's shape or meaning changes; the library and Lepton.Torch must agree. */
#define LT_ABI 6

typedef int32_t lt_status;

enum {
  LT_OK = 0,
  LT_FAILED = 1,           /* any error of libtorch without a code of its own: mostly shapes and dtypes */
  LT_OUT_OF_MEMORY = 2,    /* an allocator had no room */
  LT_NOT_IMPLEMENTED = 3,  /* the operator has no kernel for the dtype, device or layout */
  LT_INDEX = 4,            /* an index out of range */
  LT_UNKNOWN_OPERATOR = 5, /* no operator or overload of this name */
  LT_ARGUMENT = 6,         /* an argument that the operator's schema doesn't take */
  LT_CALLBACK = 7,         /* a callback failed; its caller knows why */
  LT_TIMEOUT = 8,          /* a store or a collective waited for too long */
  LT_CONNECTION = 9,       /* a peer or a store can't be reached, or is gone */
  LT_ABSENT = 10           /* this libtorch, or this build of the shim, doesn't have it (CUDA, NCCL) */
};

typedef struct lt_tensor_impl* lt_tensor;
typedef struct lt_operator_entry* lt_operator;
typedef struct lt_generator_impl* lt_generator;
typedef struct lt_store_impl* lt_store;
typedef struct lt_group_impl* lt_group;
typedef struct lt_work_impl* lt_work;
typedef struct lt_future_impl* lt_future;
typedef struct lt_reducer_impl* lt_reducer;

/* A number whose kind matters: an integer tensor plus 2 stays one, plus 2.0 does not. */
typedef struct lt_scalar {
  int64_t kind; /* LT_SCALAR_INT, LT_SCALAR_FLOAT or LT_SCALAR_BOOL */
  int64_t bits; /* the integer, the bits of the double, or 0 and 1 */
} lt_scalar;

enum { LT_SCALAR_INT = 0, LT_SCALAR_FLOAT = 1, LT_SCALAR_BOOL = 2 };

/* ---- the library: errors, version, memory, threads (library.cpp) ---- */

/* The words of the calling thread's last failure, without libtorch's C++ backtrace; valid until its next failure. */
LT_API const char* lt_last_error(void);

/* LT_ABI as it was when this library was built. */
LT_API int32_t lt_abi(void);

/* The version of the libtorch headers that this library was built with, such as "1.13.0". */
LT_API const char* lt_version(void);

/* How libtorch was built: its own description, many lines. Released by lt_free. */
LT_API lt_status lt_build_info(char** text);

/* Releases a buffer that this library handed out; NULL is allowed. */
LT_API void lt_free(void* buffer);

/* A buffer that lt_free releases; for callbacks that hand out bytes. NULL when there is no room. */
LT_API void* lt_alloc(size_t bytes);

/* 1 where this build has the backend of collectives ("gloo", "nccl"), or of devices ("cuda"); 0 otherwise. */
LT_API int32_t lt_has_backend(const char* name);

/* Threads that one operator may use. */
LT_API lt_status lt_threads_get(int32_t* count);
LT_API lt_status lt_threads_set(int32_t count);

/* Threads for independent operators; may be set once, before the first of them ran. */
LT_API lt_status lt_interop_threads_get(int32_t* count);
LT_API lt_status lt_interop_threads_set(int32_t count);

/* ---- CUDA devices (cuda.cpp). An index of -1 is the calling thread's current device ---- */

/* How many there are; 0 without CUDA. */
LT_API lt_status lt_cuda_device_count(int32_t* count);

/* What a device is called. Released by lt_free. */
LT_API lt_status lt_cuda_device_name(int32_t index, char** text);

/* Returns when the device has done all that it was given. */
LT_API lt_status lt_cuda_synchronize(int32_t index);

typedef struct lt_cuda_memory {
  int64_t allocated_bytes;      /* behind this process' tensors */
  int64_t allocated_bytes_peak; /* the most that were so far */
  int64_t reserved_bytes;       /* that libtorch holds, for tensors now or later */
  int64_t free_bytes;           /* of the device, which other processes use too */
  int64_t total_bytes;          /* of the device */
} lt_cuda_memory;

LT_API lt_status lt_cuda_memory_of(int32_t index, lt_cuda_memory* memory);

/* Gives what is reserved and not used back to the devices. */
LT_API lt_status lt_cuda_empty_cache(void);

/* 1: products and convolutions of float32 on tensor cores, with 10 bits of the fraction. */
LT_API lt_status lt_cuda_allow_tf32(int32_t allowed);

/* ---- tensors: make, look at, read and release (tensors.cpp) ---- */

/* One more reference to the same tensor. */
LT_API lt_tensor lt_tensor_retain(lt_tensor tensor);

/* Gives one reference back. NULL is allowed. */
LT_API void lt_tensor_release(lt_tensor tensor);

/* Gives many references back; NULLs are passed over. */
LT_API void lt_tensor_release_all(const lt_tensor* tensors, int64_t count);

/* How many references there are to the tensor, ours and libtorch's own. For tests. */
LT_API int64_t lt_tensor_references(lt_tensor tensor);

/* An uninitialised tensor. dtype: c10::ScalarType's number; device: a c10::DeviceType and an index, -1 for current. */
LT_API lt_status lt_tensor_empty(const int64_t* shape, int32_t dims, int32_t dtype, int32_t device_type,
                                 int32_t device_index, lt_tensor* result);

/* A tensor full of one value. */
LT_API lt_status lt_tensor_full(const int64_t* shape, int32_t dims, lt_scalar value, int32_t dtype,
                                int32_t device_type, int32_t device_index, lt_tensor* result);

/* A tensor on the CPU that holds a copy of `bytes` bytes, which must be just what shape and dtype ask for. */
LT_API lt_status lt_tensor_copy_in(const void* data, int64_t bytes, const int64_t* shape, int32_t dims, int32_t dtype,
                                   lt_tensor* result);

/* A tensor on the CPU over memory of the caller's, not copied. `release(context)` is called, from any thread, when the
 * last tensor over it is gone, or before a failure returns. */
LT_API lt_status lt_tensor_over(void* data, const int64_t* shape, int32_t dims, int32_t dtype, void* context,
                                void (*release)(void*), lt_tensor* result);

/* Copies a tensor of any device and layout into memory of the caller's, in row-major order. `bytes` must be just its
 * size. */
LT_API lt_status lt_tensor_copy_out(lt_tensor tensor, void* data, int64_t bytes);

/* The address of the first element; NULL where a tensor has none. On the CPU it may be read while the tensor lives. */
LT_API void* lt_tensor_data(lt_tensor tensor);

/* Facts that cost nothing to read. */
LT_API int32_t lt_tensor_dims(lt_tensor tensor);
LT_API int64_t lt_tensor_elements(lt_tensor tensor);
LT_API int32_t lt_tensor_dtype(lt_tensor tensor);
LT_API int32_t lt_tensor_device_type(lt_tensor tensor);
LT_API int32_t lt_tensor_device_index(lt_tensor tensor);
LT_API int32_t lt_tensor_element_bytes(lt_tensor tensor);
LT_API int32_t lt_tensor_is_contiguous(lt_tensor tensor);

/* Bytes of the storage behind the tensor, which it may share with others. */
LT_API int64_t lt_tensor_storage_bytes(lt_tensor tensor);

/* Copies up to `capacity` sizes, or strides, and returns the number of dimensions. */
LT_API int32_t lt_tensor_sizes(lt_tensor tensor, int64_t* sizes, int32_t capacity);
LT_API int32_t lt_tensor_strides(lt_tensor tensor, int64_t* strides, int32_t capacity);

/* The only element of a tensor, as the kind that its dtype has. */
LT_API lt_status lt_tensor_item(lt_tensor tensor, lt_scalar* value);

/* libtorch's own text of a tensor. Released by lt_free. */
LT_API lt_status lt_tensor_text(lt_tensor tensor, char** text);

/* 1 where both are one tensor, or share their storage. */
LT_API int32_t lt_tensor_shares_storage(lt_tensor tensor, lt_tensor other);

/* ---- operators that are called without boxing (operators.cpp) ---- */

/*
 * Five families, one function each, with the operator's number in its family. The numbers are the places in these
 * lists, which Lepton.Torch repeats in the same order; lt_operator_name tells what is at each place, for a test and for
 * errors' texts.
 */
#define LT_UNARY_LIST(X)                                                                                           \
  X(abs) X(neg) X(exp) X(expm1) X(log) X(log1p) X(log2) X(sqrt) X(rsqrt) X(square) X(reciprocal) X(sin) X(cos)       \
  X(tanh) X(sigmoid) X(relu) X(silu) X(mish) X(hardswish) X(hardsigmoid) X(log_sigmoid) X(erf) X(floor) X(ceil)      \
  X(round) X(sign) X(isnan) X(isfinite) X(logical_not) X(detach) X(clone) X(contiguous) X(t) X(alias) X(sum) X(mean) \
  X(max) X(min) X(argmax) X(argmin) X(all) X(any) X(prod) X(std) X(nonzero) X(zeros_like) X(ones_like) X(empty_like) \
  X(rand_like) X(randn_like) X(selu) X(softplus) X(inverse) X(trace) X(view_as_real) X(view_as_complex)

#define LT_UNARY_IN_PLACE_LIST(X)                                                                                  \
  X(zero_) X(neg_) X(abs_) X(exp_) X(log_) X(sqrt_) X(rsqrt_) X(reciprocal_) X(tanh_) X(sigmoid_) X(relu_) \
  X(floor_) X(ceil_) X(round_) X(sign_) X(square_) X(detach_)

#define LT_BINARY_LIST(X)                                                                                          \
  X(mul) X(div) X(matmul) X(mm) X(bmm) X(mv) X(dot) X(pow) X(maximum) X(minimum) X(fmod) X(remainder) X(atan2) X(eq)  \
  X(ne) X(lt) X(le) X(gt) X(ge) X(logical_and) X(logical_or) X(logical_xor) X(bitwise_and) X(bitwise_or)             \
  X(bitwise_xor) X(masked_select) X(outer) X(take) X(prelu)

#define LT_BINARY_IN_PLACE_LIST(X)                                                                                 \
  X(mul_) X(div_) X(pow_) X(fmod_) X(remainder_) X(logical_and_) X(logical_or_) X(bitwise_and_) X(bitwise_or_)       \
  X(copy_)

#define LT_BINARY_SCALAR_LIST(X)                                                                                   \
  X(mul) X(div) X(pow) X(fmod) X(remainder) X(eq) X(ne) X(lt) X(le) X(gt) X(ge) X(clamp_min) X(clamp_max)            \
  X(leaky_relu) X(elu) X(bitwise_and) X(bitwise_or)

#define LT_BINARY_SCALAR_IN_PLACE_LIST(X)                                                                          \
  X(mul_) X(div_) X(pow_) X(fmod_) X(remainder_) X(clamp_min_) X(clamp_max_) X(fill_) X(leaky_relu_)

enum {
  LT_FAMILY_UNARY = 0,
  LT_FAMILY_UNARY_IN_PLACE = 1,
  LT_FAMILY_BINARY = 2,
  LT_FAMILY_BINARY_IN_PLACE = 3,
  LT_FAMILY_BINARY_SCALAR = 4,
  LT_FAMILY_BINARY_SCALAR_IN_PLACE = 5
};

/* The operator at a place of a family's list, NULL past its end. */
LT_API const char* lt_operator_name(int32_t family, int32_t place);

LT_API lt_status lt_unary(int32_t place, lt_tensor a, lt_tensor* result);
LT_API lt_status lt_unary_in_place(int32_t place, lt_tensor a);
LT_API lt_status lt_binary(int32_t place, lt_tensor a, lt_tensor b, lt_tensor* result);
LT_API lt_status lt_binary_in_place(int32_t place, lt_tensor a, lt_tensor b);
LT_API lt_status lt_binary_scalar(int32_t place, lt_tensor a, lt_scalar b, lt_tensor* result);
LT_API lt_status lt_binary_scalar_in_place(int32_t place, lt_tensor a, lt_scalar b);

/* a + alpha b, a - alpha b. */
LT_API lt_status lt_add(lt_tensor a, lt_tensor b, lt_scalar alpha, lt_tensor* result);
LT_API lt_status lt_sub(lt_tensor a, lt_tensor b, lt_scalar alpha, lt_tensor* result);
LT_API lt_status lt_add_in_place(lt_tensor a, lt_tensor b, lt_scalar alpha);
LT_API lt_status lt_sub_in_place(lt_tensor a, lt_tensor b, lt_scalar alpha);
LT_API lt_status lt_add_scalar(lt_tensor a, lt_scalar b, lt_tensor* result);
LT_API lt_status lt_add_scalar_in_place(lt_tensor a, lt_scalar b);
/* b - a */
LT_API lt_status lt_rsub_scalar(lt_tensor a, lt_scalar b, lt_tensor* result);

/* a + value (b * c), a + value (b / c), a + weight (b - a): the steps of optimizers. */
LT_API lt_status lt_addcmul(lt_tensor a, lt_tensor b, lt_tensor c, lt_scalar value, lt_tensor* result);
LT_API lt_status lt_addcmul_in_place(lt_tensor a, lt_tensor b, lt_tensor c, lt_scalar value);
LT_API lt_status lt_addcdiv(lt_tensor a, lt_tensor b, lt_tensor c, lt_scalar value, lt_tensor* result);
LT_API lt_status lt_addcdiv_in_place(lt_tensor a, lt_tensor b, lt_tensor c, lt_scalar value);
LT_API lt_status lt_lerp(lt_tensor a, lt_tensor b, lt_scalar weight, lt_tensor* result);
LT_API lt_status lt_lerp_in_place(lt_tensor a, lt_tensor b, lt_scalar weight);

/* beta a + alpha (b @ c); b @ c^T + bias, where bias may be NULL. */
LT_API lt_status lt_addmm(lt_tensor a, lt_tensor b, lt_tensor c, lt_scalar beta, lt_scalar alpha, lt_tensor* result);
LT_API lt_status lt_linear(lt_tensor input, lt_tensor weight, lt_tensor bias, lt_tensor* result);

/* condition ? a : b, elementwise. */
LT_API lt_status lt_where(lt_tensor condition, lt_tensor a, lt_tensor b, lt_tensor* result);

/* approximate: 0 exact, 1 tanh. */
LT_API lt_status lt_gelu(lt_tensor a, int32_t approximate, lt_tensor* result);

/* Over one dimension. dtype -1 leaves it to the operator. */
LT_API lt_status lt_softmax(lt_tensor a, int64_t dim, int32_t dtype, lt_tensor* result);
LT_API lt_status lt_log_softmax(lt_tensor a, int64_t dim, int32_t dtype, lt_tensor* result);

/* Over some dimensions; count 0 is all of them. */
LT_API lt_status lt_sum_dims(lt_tensor a, const int64_t* dims, int32_t count, int32_t keep, int32_t dtype,
                             lt_tensor* result);
LT_API lt_status lt_mean_dims(lt_tensor a, const int64_t* dims, int32_t count, int32_t keep, int32_t dtype,
                              lt_tensor* result);

/* kind: 0 argmax, 1 argmin, 2 amax, 3 amin, 4 all, 5 any, 6 prod, 7 cumsum, 8 logsumexp. */
LT_API lt_status lt_reduce_dim(int32_t kind, lt_tensor a, int64_t dim, int32_t keep, lt_tensor* result);

/* The p-norm of all elements, or over some dimensions. */
LT_API lt_status lt_norm(lt_tensor a, lt_scalar p, const int64_t* dims, int32_t count, int32_t keep,
                         lt_tensor* result);

/* Views and shapes. kind: 0 view, 1 reshape, 2 permute, 3 expand, 4 repeat, 5 flip, 6 sum_to_size. */
LT_API lt_status lt_shaped(int32_t kind, lt_tensor a, const int64_t* values, int32_t count, lt_tensor* result);

/* kind: 0 transpose(x, y), 1 select(dim x, index y), 2 flatten(x, y), 3 diagonal(offset 0, x, y), 4 movedim(x, y). */
LT_API lt_status lt_shaped_pair(int32_t kind, lt_tensor a, int64_t x, int64_t y, lt_tensor* result);

/* kind: 0 unsqueeze, 1 squeeze one dimension. */
LT_API lt_status lt_shaped_dim(int32_t kind, lt_tensor a, int64_t dim, lt_tensor* result);

LT_API lt_status lt_slice(lt_tensor a, int64_t dim, int64_t start, int64_t end, int64_t step, lt_tensor* result);
LT_API lt_status lt_narrow(lt_tensor a, int64_t dim, int64_t start, int64_t length, lt_tensor* result);
LT_API lt_status lt_index_select(lt_tensor a, int64_t dim, lt_tensor index, lt_tensor* result);
LT_API lt_status lt_gather(lt_tensor a, int64_t dim, lt_tensor index, lt_tensor* result);
LT_API lt_status lt_cat(const lt_tensor* tensors, int32_t count, int64_t dim, lt_tensor* result);
LT_API lt_status lt_stack(const lt_tensor* tensors, int32_t count, int64_t dim, lt_tensor* result);

/* Pieces of `size` along a dimension, the last one smaller; `results` has room for `capacity`. */
LT_API lt_status lt_split(lt_tensor a, int64_t size, int64_t dim, lt_tensor* results, int32_t capacity,
                          int32_t* count);

/* Another dtype or device; -1 keeps either. Gives the tensor itself where nothing changes and `copy` is 0. */
LT_API lt_status lt_to(lt_tensor a, int32_t dtype, int32_t device_type, int32_t device_index, int32_t non_blocking,
                       int32_t copy, lt_tensor* result);

/* a[...] = b, with broadcasting and conversion. */
LT_API lt_status lt_copy_in_place(lt_tensor a, lt_tensor b, int32_t non_blocking);

/* Rows of a table. padding -1: none. */
LT_API lt_status lt_embedding(lt_tensor table, lt_tensor index, int64_t padding, int32_t scale_by_frequency,
                              int32_t sparse, lt_tensor* result);

LT_API lt_status lt_dropout(lt_tensor a, double p, int32_t training, lt_tensor* result);

/* weight and bias may be NULL. */
LT_API lt_status lt_layer_norm(lt_tensor a, const int64_t* shape, int32_t dims, lt_tensor weight, lt_tensor bias,
                               double epsilon, lt_tensor* result);
LT_API lt_status lt_batch_norm(lt_tensor a, lt_tensor weight, lt_tensor bias, lt_tensor mean, lt_tensor variance,
                               int32_t training, double momentum, double epsilon, lt_tensor* result);
LT_API lt_status lt_group_norm(lt_tensor a, int64_t groups, lt_tensor weight, lt_tensor bias, double epsilon,
                               lt_tensor* result);

/* reduction: 0 none, 1 mean, 2 sum, as in libtorch. weight may be NULL. */
LT_API lt_status lt_cross_entropy(lt_tensor input, lt_tensor target, lt_tensor weight, int32_t reduction,
                                  int64_t ignore_index, double label_smoothing, lt_tensor* result);
LT_API lt_status lt_nll_loss(lt_tensor input, lt_tensor target, lt_tensor weight, int32_t reduction,
                             int64_t ignore_index, lt_tensor* result);
LT_API lt_status lt_mse_loss(lt_tensor input, lt_tensor target, int32_t reduction, lt_tensor* result);
LT_API lt_status lt_bce_with_logits(lt_tensor input, lt_tensor target, lt_tensor weight, lt_tensor positive_weight,
                                    int32_t reduction, lt_tensor* result);

/* Over all gradients of a model, one call each (autograd.cpp). Tensors without a gradient are passed over. */

/* Sets the gradients of leaves to none (to_none 1) or to zeros in place. */
LT_API lt_status lt_zero_gradients(const lt_tensor* tensors, int32_t count, int32_t to_none);

/* Scales all gradients so that their common p-norm is at most `norm`; total gets the norm before. */
LT_API lt_status lt_clip_gradients(const lt_tensor* tensors, int32_t count, double norm, double p, double* total);

/* ---- any operator, by name (dispatch.cpp) ---- */

/* One argument or result of a boxed call. */
typedef struct lt_value {
  int32_t kind;     /* LT_NONE and so on */
  int32_t count;    /* of a list's items, of a string's bytes; the index of a device */
  int64_t bits;     /* an integer, the bits of a double, a handle, or the address of a list or string */
  const char* name; /* an argument given by name, NULL for one by place; NULL in results */
} lt_value;

enum {
  LT_NONE = 0,
  LT_TENSOR = 1,  /* bits: an lt_tensor */
  LT_TENSORS = 2, /* bits: const lt_tensor*; NULL entries are allowed where the schema has Tensor?[] */
  LT_INT = 3,     /* also dtypes, layouts and memory formats, by libtorch's numbers */
  LT_FLOAT = 4,
  LT_BOOL = 5,
  LT_INTS = 6,      /* bits: const int64_t* */
  LT_FLOATS = 7,    /* bits: const double* */
  LT_BOOLS = 8,     /* bits: const uint8_t* */
  LT_STRING = 9,    /* bits: const char* */
  LT_DEVICE = 10,   /* bits: the device type */
  LT_GENERATOR = 11 /* bits: an lt_generator */
};

/* Finds an operator: name "aten::add", overload "Tensor" or "". With overload NULL: the only overload, or the one
 * without a name; else the error lists them. Handles live as long as the process. */
LT_API lt_status lt_operator_find(const char* name, const char* overload, lt_operator* result);

/* The operator's schema as text, such as "aten::relu(Tensor self) -> Tensor". Released by lt_free. */
LT_API lt_status lt_operator_schema(lt_operator op, char** text);

/* Calls an operator. Arguments left out get the schema's defaults. Up to `capacity` results are written; `count` gets
 * their number. The caller owns what the results hold and releases it by lt_value_release, or takes over each
 * tensor. */
LT_API lt_status lt_operator_call(lt_operator op, const lt_value* arguments, int32_t argument_count,
                                  lt_value* results, int32_t capacity, int32_t* count);

/* Releases the buffer of a list or string in a result, not the tensors in it. */
LT_API void lt_value_release(lt_value* value);

/* ---- autograd (autograd.cpp) ---- */

LT_API int32_t lt_requires_grad(lt_tensor tensor);
LT_API lt_status lt_set_requires_grad(lt_tensor tensor, int32_t value);
LT_API int32_t lt_is_leaf(lt_tensor tensor);

/* Keeps the gradient of a tensor that is no leaf. */
LT_API lt_status lt_retain_grad(lt_tensor tensor);

/* The gradient; NULL where there is none. */
LT_API lt_status lt_grad(lt_tensor tensor, lt_tensor* gradient);

/* Sets the gradient; NULL removes it. */
LT_API lt_status lt_set_grad(lt_tensor tensor, lt_tensor gradient);

/* The name of the function that made a tensor, such as "AddBackward0", or NULL. Released by lt_free. */
LT_API lt_status lt_grad_function(lt_tensor tensor, char** name);

/* Adds the gradients of `outputs`, weighted by `gradients` (NULL entries for scalars), to the leaves, or to `inputs`
 * alone where input_count is above 0. */
LT_API lt_status lt_backward(const lt_tensor* outputs, const lt_tensor* gradients, int32_t count,
                             const lt_tensor* inputs, int32_t input_count, int32_t retain_graph,
                             int32_t create_graph);

/* The gradients of `outputs` by `inputs`, nothing accumulated; NULL for an unused input where those are allowed. */
LT_API lt_status lt_gradients(const lt_tensor* outputs, const lt_tensor* gradients, int32_t count,
                              const lt_tensor* inputs, int32_t input_count, int32_t retain_graph,
                              int32_t create_graph, int32_t allow_unused, lt_tensor* results);

/* Whether operators of this thread are recorded for backward. */
LT_API int32_t lt_grad_enabled(void);
LT_API void lt_set_grad_enabled(int32_t enabled);

/* Whether this thread makes tensors that can never take part in autograd, which is cheaper. Returns an opaque guard
 * that lt_inference_end closes, in the reverse order. */
LT_API lt_status lt_inference_begin(void** guard);
LT_API void lt_inference_end(void* guard);

/* Called with a tensor's gradient (borrowed); may write another one to `replacement`, whose reference moves here. */
typedef lt_status (*lt_gradient_hook)(void* context, lt_tensor gradient, lt_tensor* replacement);

/* Has a hook called whenever the tensor's gradient was computed; `id` is for lt_hook_remove. */
LT_API lt_status lt_hook_add(lt_tensor tensor, lt_gradient_hook hook, void* context, void (*release)(void*),
                             uint32_t* id);
LT_API lt_status lt_hook_remove(lt_tensor tensor, uint32_t id);

/* Called with the gradients of the outputs (borrowed, NULL where there is none); writes the gradients of the inputs,
 * whose references move here, NULL for none. */
typedef lt_status (*lt_backward_function)(void* context, const lt_tensor* gradients, int32_t count,
                                          lt_tensor* results, int32_t result_count);

/* Makes `outputs`, computed from `inputs` without recording, the result of a function with a backward of the
 * caller's. */
LT_API lt_status lt_function_attach(const lt_tensor* inputs, int32_t input_count, const lt_tensor* outputs,
                                    int32_t output_count, lt_backward_function backward, void* context,
                                    void (*release)(void*));

/* ---- modes of the calling thread (modes.cpp) ---- */

/* Has operators for which it is safe compute in a smaller dtype (bfloat16, float16), as torch.autocast does, on the CPU
 * or CUDA. `before` gets what lt_autocast_end takes: whether it was so already. They nest. */
LT_API lt_status lt_autocast_begin(int32_t device_type, int32_t dtype, int32_t* before);
LT_API void lt_autocast_end(int32_t device_type, int32_t before);

/* Looks, until lt_not_finite_end, at what each operator gives. `text` gets operator, its number from 1, dtype's number
 * and shape of the first that has numbers which are not finite, with tabs between; NULL where none has. Released by
 * lt_free. */
LT_API lt_status lt_not_finite_begin(void);
LT_API lt_status lt_not_finite_end(char** text);

/* ---- random numbers (random.cpp) ---- */

/* Seeds the default generators of all devices. */
LT_API lt_status lt_manual_seed(uint64_t seed);

/* A generator of its own, on the CPU or a CUDA device. */
LT_API lt_status lt_generator_new(uint64_t seed, int32_t device_type, int32_t device_index, lt_generator* result);

/* The generator that operators of a device use where they are given none. */
LT_API lt_status lt_generator_default(int32_t device_type, int32_t device_index, lt_generator* result);
LT_API void lt_generator_release(lt_generator generator);
LT_API lt_status lt_generator_seed(lt_generator generator, uint64_t seed);
LT_API lt_status lt_generator_initial_seed(lt_generator generator, uint64_t* seed);

/* The whole state as a tensor of bytes, and back: what follows repeats. */
LT_API lt_status lt_generator_state(lt_generator generator, lt_tensor* state);
LT_API lt_status lt_generator_set_state(lt_generator generator, lt_tensor state);

/* In-place draws; generator NULL is the device's default. kind: 0 uniform(a, b), 1 normal(mean a, deviation b),
 * 2 bernoulli(a), 3 exponential(a), 4 integers from a up to, not including, b. */
LT_API lt_status lt_random_in_place(int32_t kind, lt_tensor tensor, double a, double b, lt_generator generator);

/* The numbers 0 to n - 1 in random order. */
LT_API lt_status lt_random_permutation(int64_t n, lt_generator generator, lt_tensor* result);

/* ---- stores (store.cpp) ---- */

/* A key-value store that ranks meet at. The server listens on `port`, 0 for any free one. `world` counts the clients
 * that the server waits for where `wait` is 1. */
LT_API lt_status lt_store_tcp(const char* host, int32_t port, int32_t is_server, int32_t world, int32_t wait,
                              int64_t timeout_ms, lt_store* result, int32_t* bound_port);

/* A store within this process. */
LT_API lt_status lt_store_hash(int64_t timeout_ms, lt_store* result);

/* A store in a file that all ranks can open. */
LT_API lt_status lt_store_file(const char* path, int32_t world, lt_store* result);

/* The same store with a prefix before every key. */
LT_API lt_status lt_store_prefix(const char* prefix, lt_store store, lt_store* result);

/* A store whose functions are the caller's. Bytes that `get` and `compare_set` hand out come from lt_alloc. A wait that
 * runs out of time returns LT_TIMEOUT. */
typedef struct lt_store_functions {
  lt_status (*set)(void* context, const char* key, const uint8_t* value, int64_t bytes);
  lt_status (*get)(void* context, const char* key, int64_t timeout_ms, uint8_t** value, int64_t* bytes);
  lt_status (*add)(void* context, const char* key, int64_t amount, int64_t* sum);
  lt_status (*compare_set)(void* context, const char* key, const uint8_t* expected, int64_t expected_bytes,
                           const uint8_t* wanted, int64_t wanted_bytes, uint8_t** value, int64_t* bytes);
  lt_status (*remove)(void* context, const char* key, int32_t* removed);
  lt_status (*check)(void* context, const char* const* keys, int32_t count, int32_t* present);
  lt_status (*wait)(void* context, const char* const* keys, int32_t count, int64_t timeout_ms);
  lt_status (*count)(void* context, int64_t* keys);
  void (*release)(void* context);
} lt_store_functions;

LT_API lt_status lt_store_callbacks(const lt_store_functions* functions, void* context, int64_t timeout_ms,
                                    lt_store* result);
LT_API void lt_store_release(lt_store store);

LT_API lt_status lt_store_set(lt_store store, const char* key, const uint8_t* value, int64_t bytes);

/* Waits for the key as long as the store's timeout. The value is released by lt_free. */
LT_API lt_status lt_store_get(lt_store store, const char* key, uint8_t** value, int64_t* bytes);
LT_API lt_status lt_store_add(lt_store store, const char* key, int64_t amount, int64_t* sum);

/* Sets the key where it holds `expected` (no bytes: where it is missing); gives what it holds then. */
LT_API lt_status lt_store_compare_set(lt_store store, const char* key, const uint8_t* expected, int64_t expected_bytes,
                                      const uint8_t* wanted, int64_t wanted_bytes, uint8_t** value, int64_t* bytes);
LT_API lt_status lt_store_remove(lt_store store, const char* key, int32_t* removed);
LT_API lt_status lt_store_check(lt_store store, const char* const* keys, int32_t count, int32_t* present);
LT_API lt_status lt_store_wait(lt_store store, const char* const* keys, int32_t count, int64_t timeout_ms);
LT_API lt_status lt_store_count(lt_store store, int64_t* keys);

/* ---- process groups and their work (groups.cpp) ---- */

/* A group over Gloo. `host`: the name or address that this rank listens on, NULL for the machine's own; `threads`: how
 * many collectives run side by side, 2 as in PyTorch where it is 0; `shares_memory` 1: sums go through shared memory
 * where all ranks are on one machine (libtorch 1.13 on Linux), the same on all ranks. `send_bytes_per_second`: a token
 * bucket holds what this rank sends to that rate, and sums don't go through shared memory then; 0 for no limit, and
 * LT_ABSENT for any other with libtorch 2.x. Blocks until all ranks came or the time is over. */
LT_API lt_status lt_group_gloo(lt_store store, int32_t rank, int32_t size, int64_t timeout_ms, const char* host,
                               int32_t threads, int32_t shares_memory, int64_t send_bytes_per_second,
                               lt_group* result);

/* Bytes of tensors that this rank has sent to others over sockets so far; -1 where this build can't tell (NCCL,
 * libtorch 2.x). What goes through shared memory is not among them. */
LT_API int64_t lt_group_bytes_sent(lt_group group);

/* How many all-reduces of one tensor and broadcasts this rank has begun in the group so far, those of a reducer among
 * them: how far a rank has come within backward. From any thread. */
LT_API int64_t lt_group_begun(lt_group group);

/* Has a group over Gloo take CUDA tensors over NCCL; LT_ABSENT where this build has none, and with libtorch 1.13. All
 * ranks call it. */
LT_API lt_status lt_group_add_nccl(lt_group group, lt_store store, int64_t timeout_ms);

/* A group over NCCL alone; LT_ABSENT where this build has none. */
LT_API lt_status lt_group_nccl(lt_store store, int32_t rank, int32_t size, int64_t timeout_ms, lt_group* result);
LT_API void lt_group_release(lt_group group);

enum { LT_REDUCE_SUM = 0, LT_REDUCE_AVG = 1, LT_REDUCE_PRODUCT = 2, LT_REDUCE_MIN = 3, LT_REDUCE_MAX = 4 };

/* Collectives. Each starts and returns at once; tensors must not be touched until the work is done. Their elements may
 * lie in any order (dense.cpp). timeout_ms below 0 is the group's. LT_REDUCE_AVG divides before it sums where the
 * backend can't average. */
LT_API lt_status lt_all_reduce(lt_group group, const lt_tensor* tensors, int32_t count, int32_t operation,
                               int64_t timeout_ms, lt_work* work);
LT_API lt_status lt_reduce(lt_group group, lt_tensor tensor, int32_t root, int32_t operation, int64_t timeout_ms,
                           lt_work* work);
LT_API lt_status lt_broadcast(lt_group group, lt_tensor tensor, int32_t root, int64_t timeout_ms, lt_work* work);

/* `outputs` has one tensor for each rank. */
LT_API lt_status lt_all_gather(lt_group group, const lt_tensor* outputs, lt_tensor input, int64_t timeout_ms,
                               lt_work* work);

/* At the root `outputs` has one tensor for each rank; elsewhere it is NULL. */
LT_API lt_status lt_gather_to(lt_group group, const lt_tensor* outputs, lt_tensor input, int32_t root,
                              int64_t timeout_ms, lt_work* work);

/* At the root `inputs` has one tensor for each rank; elsewhere it is NULL. */
LT_API lt_status lt_scatter_from(lt_group group, lt_tensor output, const lt_tensor* inputs, int32_t root,
                                 int64_t timeout_ms, lt_work* work);

/* `inputs` has one tensor for each rank; `output` gets the reduction of what all ranks hold at this rank's place. Where
 * the backend has none (Gloo) it is an exchange followed by a local reduction when the work is waited for. */
LT_API lt_status lt_reduce_scatter(lt_group group, lt_tensor output, const lt_tensor* inputs, int32_t operation,
                                   int64_t timeout_ms, lt_work* work);

/* Sends rows of `input` to the ranks, and gets rows of `output` from them. Counts of rows, one a rank; NULL: even. */
LT_API lt_status lt_all_to_all(lt_group group, lt_tensor output, lt_tensor input, const int64_t* output_rows,
                               const int64_t* input_rows, int64_t timeout_ms, lt_work* work);
LT_API lt_status lt_send(lt_group group, lt_tensor tensor, int32_t destination, int32_t tag, lt_work* work);

/* source below 0: whoever sends. */
LT_API lt_status lt_receive(lt_group group, lt_tensor tensor, int32_t source, int32_t tag, lt_work* work);
LT_API lt_status lt_barrier(lt_group group, int64_t timeout_ms, lt_work* work);

LT_API void lt_work_release(lt_work work);
LT_API int32_t lt_work_is_completed(lt_work work);

/* Waits; timeout_ms 0 is the group's. Fails with the work's own error. */
LT_API lt_status lt_work_wait(lt_work work, int64_t timeout_ms);

/* Ends what waits for a peer (send, receive) with an error. */
LT_API lt_status lt_work_abort(lt_work work);

/* The rank that a receive from anyone heard of. */
LT_API lt_status lt_work_source(lt_work work, int32_t* rank);

/* A future of the work's result, its tensors. */
LT_API lt_status lt_work_future(lt_work work, lt_future* result);

/* ---- futures (futures.cpp) ---- */

/* A future that lt_future_complete or lt_future_fail ends: the first with a tensor of the device, or of the CPU. */
LT_API lt_status lt_future_new(int32_t device_type, int32_t device_index, lt_future* result);
LT_API void lt_future_release(lt_future future);
LT_API lt_status lt_future_complete(lt_future future, lt_tensor value);
LT_API lt_status lt_future_fail(lt_future future, const char* message);
LT_API int32_t lt_future_is_completed(lt_future future);

/* Waits, and gives the first tensor of the result. */
LT_API lt_status lt_future_wait(lt_future future, lt_tensor* value);

/* A future of what `next` makes of this one's tensor, called once on whichever thread completes this one. It writes a
 * tensor whose reference moves here. */
typedef lt_status (*lt_future_function)(void* context, lt_tensor value, lt_tensor* result);
LT_API lt_status lt_future_then(lt_future future, lt_future_function next, void* context, void (*release)(void*),
                                lt_future* result);

/* ---- gradient reduction in buckets (reducer.cpp) ---- */

typedef struct lt_reducer_options {
  int64_t bucket_bytes;       /* a bucket's size */
  int64_t first_bucket_bytes; /* the size of the bucket that is ready first */
  int32_t find_unused;        /* look for parameters that a backward doesn't reach */
  int32_t gradients_as_views; /* gradients are views of the buckets: no copy, and they are zeroed in place */
  int32_t static_graph;       /* every step uses the same parameters in the same order */
} lt_reducer_options;

/* Makes a reducer for parameters, the same on all ranks in the same order; `names`, for errors, may be NULL. */
LT_API lt_status lt_reducer_new(const lt_tensor* parameters, const char* const* names, int32_t count, lt_group group,
                                const lt_reducer_options* options, lt_reducer* result);
LT_API void lt_reducer_release(lt_reducer reducer);

/* To be called before each forward whose backward shall reduce; rebuilds the buckets once in the order of readiness. */
LT_API lt_status lt_reducer_before_forward(lt_reducer reducer);

/* To be called after it with its outputs, which matter where unused parameters are looked for. The following backward
 * reduces; one without this call adds gradients up locally. */
LT_API lt_status lt_reducer_before_backward(lt_reducer reducer, const lt_tensor* outputs, int32_t count);

/* What a communication hook is told of its bucket; handles are borrowed. */
typedef struct lt_bucket {
  int64_t index;
  int32_t is_last;
  int32_t parameter_count;
  lt_tensor buffer; /* the flat gradients, not yet divided */
  const lt_tensor* parameters;
} lt_bucket;

/* Starts the reduction of a bucket; writes a future of the reduced buffer, whose reference moves here. */
typedef lt_status (*lt_bucket_hook)(void* context, const lt_bucket* bucket, lt_future* result);

/* Takes the place of the all-reduce; once, before the first backward. */
LT_API lt_status lt_reducer_hook(lt_reducer reducer, lt_bucket_hook hook, void* context, void (*release)(void*));

/* A hook of libtorch's own: 0 all-reduce, 1 all-reduce in float16. */
LT_API lt_status lt_reducer_builtin_hook(lt_reducer reducer, int32_t kind);

/* Broadcasts tensors from a rank in buckets: how all ranks start equal. Blocks. */
LT_API lt_status lt_broadcast_coalesced(lt_group group, const lt_tensor* tensors, int32_t count, int64_t bucket_bytes,
                                        int32_t root);

#ifdef __cplusplus
}
#endif

#endif
