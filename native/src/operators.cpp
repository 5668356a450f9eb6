// Operators that are called without boxing: through tables where many have one signature, by a function of their own
// otherwise. Each is what libtorch's own C++ interface calls; nothing is computed here.
#include "common.h"
#include "small.h"

#include <iterator>

using namespace lepton;

namespace {

using Unary = at::Tensor (*)(const at::Tensor&);
using UnaryInPlace = void (*)(at::Tensor&);
using Binary = at::Tensor (*)(const at::Tensor&, const at::Tensor&);
using BinaryInPlace = void (*)(at::Tensor&, const at::Tensor&);
using BinaryScalar = at::Tensor (*)(const at::Tensor&, const at::Scalar&);
using BinaryScalarInPlace = void (*)(at::Tensor&, const at::Scalar&);

// Some operators are methods only, or want arguments that others don't: these give all of them one form.
namespace forms {
using at::abs; using at::alias; using at::all; using at::any; using at::ceil; using at::clone; using at::cos;
using at::detach; using at::empty_like; using at::erf; using at::exp; using at::expm1; using at::floor;
using at::hardsigmoid; using at::hardswish; using at::inverse; using at::isfinite; using at::isnan; using at::log;
using at::log1p; using at::log2; using at::log_sigmoid; using at::logical_not; using at::max; using at::min;
using at::mish; using at::neg; using at::nonzero; using at::ones_like; using at::rand_like; using at::randn_like;
using at::reciprocal; using at::relu; using at::round; using at::rsqrt; using at::selu; using at::sigmoid;
using at::sign; using at::silu; using at::sin; using at::softplus; using at::sqrt; using at::square; using at::t;
using at::tanh; using at::trace; using at::view_as_complex; using at::view_as_real; using at::zeros_like;

inline at::Tensor contiguous(const at::Tensor& a) { return a.contiguous(); }
inline at::Tensor sum(const at::Tensor& a) { return at::sum(a); }
inline at::Tensor mean(const at::Tensor& a) { return at::mean(a); }
inline at::Tensor prod(const at::Tensor& a) { return at::prod(a); }
inline at::Tensor std(const at::Tensor& a) { return at::std(a, /*unbiased=*/true); }
inline at::Tensor argmax(const at::Tensor& a) { return at::argmax(a); }
inline at::Tensor argmin(const at::Tensor& a) { return at::argmin(a); }
} // namespace forms

#define LT_UNARY_FORM(name) +[](const at::Tensor& a) -> at::Tensor { return forms::name(a); },
#define LT_UNARY_IN_PLACE_FORM(name) +[](at::Tensor& a) { a.name(); },
#define LT_BINARY_FORM(name) +[](const at::Tensor& a, const at::Tensor& b) -> at::Tensor { return at::name(a, b); },
#define LT_BINARY_IN_PLACE_FORM(name) +[](at::Tensor& a, const at::Tensor& b) { a.name(b); },
#define LT_BINARY_SCALAR_FORM(name) \
  +[](const at::Tensor& a, const at::Scalar& b) -> at::Tensor { return at::name(a, b); },
#define LT_BINARY_SCALAR_IN_PLACE_FORM(name) +[](at::Tensor& a, const at::Scalar& b) { forms_in_place::name(a, b); },
#define LT_NAME(name) #name,

namespace forms_in_place {
inline void mul_(at::Tensor& a, const at::Scalar& b) { a.mul_(b); }
inline void div_(at::Tensor& a, const at::Scalar& b) { a.div_(b); }
inline void pow_(at::Tensor& a, const at::Scalar& b) { a.pow_(b); }
inline void fmod_(at::Tensor& a, const at::Scalar& b) { a.fmod_(b); }
inline void remainder_(at::Tensor& a, const at::Scalar& b) { a.remainder_(b); }
inline void clamp_min_(at::Tensor& a, const at::Scalar& b) { a.clamp_min_(b); }
inline void clamp_max_(at::Tensor& a, const at::Scalar& b) { a.clamp_max_(b); }
inline void fill_(at::Tensor& a, const at::Scalar& b) { a.fill_(b); }
inline void leaky_relu_(at::Tensor& a, const at::Scalar& b) { at::leaky_relu_(a, b); }
} // namespace forms_in_place

const Unary unary_forms[] = {LT_UNARY_LIST(LT_UNARY_FORM)};
const UnaryInPlace unary_in_place_forms[] = {LT_UNARY_IN_PLACE_LIST(LT_UNARY_IN_PLACE_FORM)};
const Binary binary_forms[] = {LT_BINARY_LIST(LT_BINARY_FORM)};
const BinaryInPlace binary_in_place_forms[] = {LT_BINARY_IN_PLACE_LIST(LT_BINARY_IN_PLACE_FORM)};
const BinaryScalar binary_scalar_forms[] = {LT_BINARY_SCALAR_LIST(LT_BINARY_SCALAR_FORM)};
const BinaryScalarInPlace binary_scalar_in_place_forms[] = {
    LT_BINARY_SCALAR_IN_PLACE_LIST(LT_BINARY_SCALAR_IN_PLACE_FORM)};

const char* const unary_names[] = {LT_UNARY_LIST(LT_NAME)};
const char* const unary_in_place_names[] = {LT_UNARY_IN_PLACE_LIST(LT_NAME)};
const char* const binary_names[] = {LT_BINARY_LIST(LT_NAME)};
const char* const binary_in_place_names[] = {LT_BINARY_IN_PLACE_LIST(LT_NAME)};
const char* const binary_scalar_names[] = {LT_BINARY_SCALAR_LIST(LT_NAME)};
const char* const binary_scalar_in_place_names[] = {LT_BINARY_SCALAR_IN_PLACE_LIST(LT_NAME)};

// Where the operators with a short way stand in their lists; -1: none.
constexpr int small_way(const char* name) {
  constexpr const char* known[] = {"neg", "relu", "tanh", "sigmoid", "exp"};
  for (int i = 0; i < 5; i++) {
    int at = 0;
    while (name[at] != 0 && name[at] == known[i][at]) {
      at++;
    }
    if (name[at] == 0 && known[i][at] == 0) {
      return i;
    }
  }
  return -1;
}

#define LT_SMALL_WAY(name) small_way(#name),
constexpr int small_unary_at[] = {LT_UNARY_LIST(LT_SMALL_WAY)};
static_assert(static_cast<int>(SmallUnary::exp) == 4, "the short ways stand in the order of small_way's names");

// The first two of both lists.
constexpr int32_t place_of_mul = 0;
constexpr int32_t place_of_div = 1;

bool is_one(lt_scalar value) {
  return value.kind == LT_SCALAR_INT && value.bits == 1;
}

template <size_t count>
const char* name_at(const char* const (&names)[count], int32_t place) {
  return place >= 0 && static_cast<size_t>(place) < count ? names[place] : nullptr;
}

template <class F>
lt_status computed(lt_tensor* result, F&& body) {
  return guarded([&] { *result = give(body()); });
}

c10::IntArrayRef ints(const int64_t* values, int32_t count) {
  return c10::IntArrayRef(values, static_cast<size_t>(count));
}

[[noreturn]] void unknown_kind(const char* function, int32_t kind) {
  throw Failure(LT_ARGUMENT, std::string(function) + " knows no kind " + std::to_string(kind));
}

} // namespace

extern "C" {

const char* lt_operator_name(int32_t family, int32_t place) {
  switch (family) {
    case LT_FAMILY_UNARY: return name_at(unary_names, place);
    case LT_FAMILY_UNARY_IN_PLACE: return name_at(unary_in_place_names, place);
    case LT_FAMILY_BINARY: return name_at(binary_names, place);
    case LT_FAMILY_BINARY_IN_PLACE: return name_at(binary_in_place_names, place);
    case LT_FAMILY_BINARY_SCALAR: return name_at(binary_scalar_names, place);
    case LT_FAMILY_BINARY_SCALAR_IN_PLACE: return name_at(binary_scalar_in_place_names, place);
    default: return nullptr;
  }
}

lt_status lt_unary(int32_t place, lt_tensor a, lt_tensor* result) {
  return computed(result, [&] {
    if (small_unary_at[place] >= 0) {
      at::Tensor found = small_unary(static_cast<SmallUnary>(small_unary_at[place]), view(a));
      if (found.defined()) {
        return found;
      }
    }
    return unary_forms[place](view(a));
  });
}

lt_status lt_unary_in_place(int32_t place, lt_tensor a) {
  return guarded([&] { unary_in_place_forms[place](view_mutable(a)); });
}

lt_status lt_binary(int32_t place, lt_tensor a, lt_tensor b, lt_tensor* result) {
  return computed(result, [&] {
    if (place == place_of_mul || place == place_of_div) {
      at::Tensor found =
          small_binary(place == place_of_mul ? SmallBinary::mul : SmallBinary::div, view(a), view(b));
      if (found.defined()) {
        return found;
      }
    }
    return binary_forms[place](view(a), view(b));
  });
}

lt_status lt_binary_in_place(int32_t place, lt_tensor a, lt_tensor b) {
  return guarded([&] { binary_in_place_forms[place](view_mutable(a), view(b)); });
}

lt_status lt_binary_scalar(int32_t place, lt_tensor a, lt_scalar b, lt_tensor* result) {
  return computed(result, [&] {
    const at::Scalar scalar = scalar_of(b);
    if (place == place_of_mul || place == place_of_div) {
      at::Tensor found =
          small_binary_scalar(place == place_of_mul ? SmallBinary::mul : SmallBinary::div, view(a), scalar);
      if (found.defined()) {
        return found;
      }
    }
    return binary_scalar_forms[place](view(a), scalar);
  });
}

lt_status lt_binary_scalar_in_place(int32_t place, lt_tensor a, lt_scalar b) {
  return guarded([&] { binary_scalar_in_place_forms[place](view_mutable(a), scalar_of(b)); });
}

lt_status lt_add(lt_tensor a, lt_tensor b, lt_scalar alpha, lt_tensor* result) {
  return computed(result, [&] {
    at::Tensor found = is_one(alpha) ? small_binary(SmallBinary::add, view(a), view(b)) : at::Tensor();
    return found.defined() ? found : at::add(view(a), view(b), scalar_of(alpha));
  });
}

lt_status lt_sub(lt_tensor a, lt_tensor b, lt_scalar alpha, lt_tensor* result) {
  return computed(result, [&] {
    at::Tensor found = is_one(alpha) ? small_binary(SmallBinary::sub, view(a), view(b)) : at::Tensor();
    return found.defined() ? found : at::sub(view(a), view(b), scalar_of(alpha));
  });
}

lt_status lt_add_in_place(lt_tensor a, lt_tensor b, lt_scalar alpha) {
  return guarded([&] { view_mutable(a).add_(view(b), scalar_of(alpha)); });
}

lt_status lt_sub_in_place(lt_tensor a, lt_tensor b, lt_scalar alpha) {
  return guarded([&] { view_mutable(a).sub_(view(b), scalar_of(alpha)); });
}

lt_status lt_add_scalar(lt_tensor a, lt_scalar b, lt_tensor* result) {
  return computed(result, [&] {
    at::Tensor found = small_binary_scalar(SmallBinary::add, view(a), scalar_of(b));
    return found.defined() ? found : at::add(view(a), scalar_of(b));
  });
}

lt_status lt_add_scalar_in_place(lt_tensor a, lt_scalar b) {
  return guarded([&] { view_mutable(a).add_(scalar_of(b)); });
}

lt_status lt_rsub_scalar(lt_tensor a, lt_scalar b, lt_tensor* result) {
  return computed(result, [&] { return at::rsub(view(a), scalar_of(b)); });
}

lt_status lt_addcmul(lt_tensor a, lt_tensor b, lt_tensor c, lt_scalar value, lt_tensor* result) {
  return computed(result, [&] { return at::addcmul(view(a), view(b), view(c), scalar_of(value)); });
}

lt_status lt_addcmul_in_place(lt_tensor a, lt_tensor b, lt_tensor c, lt_scalar value) {
  return guarded([&] { view_mutable(a).addcmul_(view(b), view(c), scalar_of(value)); });
}

lt_status lt_addcdiv(lt_tensor a, lt_tensor b, lt_tensor c, lt_scalar value, lt_tensor* result) {
  return computed(result, [&] { return at::addcdiv(view(a), view(b), view(c), scalar_of(value)); });
}

lt_status lt_addcdiv_in_place(lt_tensor a, lt_tensor b, lt_tensor c, lt_scalar value) {
  return guarded([&] { view_mutable(a).addcdiv_(view(b), view(c), scalar_of(value)); });
}

lt_status lt_lerp(lt_tensor a, lt_tensor b, lt_scalar weight, lt_tensor* result) {
  return computed(result, [&] { return at::lerp(view(a), view(b), scalar_of(weight)); });
}

lt_status lt_lerp_in_place(lt_tensor a, lt_tensor b, lt_scalar weight) {
  return guarded([&] { view_mutable(a).lerp_(view(b), scalar_of(weight)); });
}

lt_status lt_addmm(lt_tensor a, lt_tensor b, lt_tensor c, lt_scalar beta, lt_scalar alpha, lt_tensor* result) {
  return computed(result, [&] { return at::addmm(view(a), view(b), view(c), scalar_of(beta), scalar_of(alpha)); });
}

lt_status lt_linear(lt_tensor input, lt_tensor weight, lt_tensor bias, lt_tensor* result) {
  return computed(result, [&] { return at::linear(view(input), view(weight), optional_of(bias)); });
}

lt_status lt_where(lt_tensor condition, lt_tensor a, lt_tensor b, lt_tensor* result) {
  return computed(result, [&] { return at::where(view(condition), view(a), view(b)); });
}

lt_status lt_gelu(lt_tensor a, int32_t approximate, lt_tensor* result) {
  return computed(result, [&] { return at::gelu(view(a), approximate == 1 ? "tanh" : "none"); });
}

lt_status lt_softmax(lt_tensor a, int64_t dim, int32_t dtype, lt_tensor* result) {
  return computed(result, [&] { return at::softmax(view(a), dim, dtype_of(dtype)); });
}

lt_status lt_log_softmax(lt_tensor a, int64_t dim, int32_t dtype, lt_tensor* result) {
  return computed(result, [&] { return at::log_softmax(view(a), dim, dtype_of(dtype)); });
}

lt_status lt_sum_dims(lt_tensor a, const int64_t* dims, int32_t count, int32_t keep, int32_t dtype,
                      lt_tensor* result) {
  return computed(result, [&] { return at::sum(view(a), ints(dims, count), keep != 0, dtype_of(dtype)); });
}

lt_status lt_mean_dims(lt_tensor a, const int64_t* dims, int32_t count, int32_t keep, int32_t dtype,
                       lt_tensor* result) {
  return computed(result, [&] { return at::mean(view(a), ints(dims, count), keep != 0, dtype_of(dtype)); });
}

lt_status lt_reduce_dim(int32_t kind, lt_tensor a, int64_t dim, int32_t keep, lt_tensor* result) {
  return computed(result, [&]() -> at::Tensor {
    const at::Tensor& self = view(a);
    const bool keeps = keep != 0;
    switch (kind) {
      case 0: return at::argmax(self, dim, keeps);
      case 1: return at::argmin(self, dim, keeps);
      case 2: return at::amax(self, dim, keeps);
      case 3: return at::amin(self, dim, keeps);
      case 4: return at::all(self, dim, keeps);
      case 5: return at::any(self, dim, keeps);
      case 6: return at::prod(self, dim, keeps);
      case 7: return at::cumsum(self, dim);
      case 8: return at::logsumexp(self, dim, keeps);
      default: unknown_kind("lt_reduce_dim", kind);
    }
  });
}

lt_status lt_norm(lt_tensor a, lt_scalar p, const int64_t* dims, int32_t count, int32_t keep, lt_tensor* result) {
  return computed(result, [&] {
    return count == 0 ? at::norm(view(a), scalar_of(p)) : at::norm(view(a), scalar_of(p), ints(dims, count), keep != 0);
  });
}

lt_status lt_shaped(int32_t kind, lt_tensor a, const int64_t* values, int32_t count, lt_tensor* result) {
  return computed(result, [&]() -> at::Tensor {
    const at::Tensor& self = view(a);
    const auto list = ints(values, count);
    switch (kind) {
      case 0: return self.view(list);
      case 1: return self.reshape(list);
      case 2: return self.permute(list);
      case 3: return self.expand(list);
      case 4: return self.repeat(list);
      case 5: return self.flip(list);
      case 6: return self.sum_to_size(list);
      default: unknown_kind("lt_shaped", kind);
    }
  });
}

lt_status lt_shaped_pair(int32_t kind, lt_tensor a, int64_t x, int64_t y, lt_tensor* result) {
  return computed(result, [&]() -> at::Tensor {
    const at::Tensor& self = view(a);
    switch (kind) {
      case 0: return self.transpose(x, y);
      case 1: return self.select(x, y);
      case 2: return self.flatten(x, y);
      case 3: return self.diagonal(0, x, y);
      case 4: return self.movedim(x, y);
      default: unknown_kind("lt_shaped_pair", kind);
    }
  });
}

lt_status lt_shaped_dim(int32_t kind, lt_tensor a, int64_t dim, lt_tensor* result) {
  return computed(result, [&]() -> at::Tensor {
    switch (kind) {
      case 0: return view(a).unsqueeze(dim);
      case 1: return view(a).squeeze(dim);
      default: unknown_kind("lt_shaped_dim", kind);
    }
  });
}

lt_status lt_slice(lt_tensor a, int64_t dim, int64_t start, int64_t end, int64_t step, lt_tensor* result) {
  return computed(result, [&] { return view(a).slice(dim, start, end, step); });
}

lt_status lt_narrow(lt_tensor a, int64_t dim, int64_t start, int64_t length, lt_tensor* result) {
  return computed(result, [&] { return view(a).narrow(dim, start, length); });
}

lt_status lt_index_select(lt_tensor a, int64_t dim, lt_tensor index, lt_tensor* result) {
  return computed(result, [&] { return at::index_select(view(a), dim, view(index)); });
}

lt_status lt_gather(lt_tensor a, int64_t dim, lt_tensor index, lt_tensor* result) {
  return computed(result, [&] { return at::gather(view(a), dim, view(index)); });
}

lt_status lt_cat(const lt_tensor* tensors, int32_t count, int64_t dim, lt_tensor* result) {
  return computed(result, [&] { return at::cat(list_of(tensors, count), dim); });
}

lt_status lt_stack(const lt_tensor* tensors, int32_t count, int64_t dim, lt_tensor* result) {
  return computed(result, [&] { return at::stack(list_of(tensors, count), dim); });
}

lt_status lt_split(lt_tensor a, int64_t size, int64_t dim, lt_tensor* results, int32_t capacity, int32_t* count) {
  return guarded([&] {
    std::vector<at::Tensor> pieces = at::split(view(a), size, dim);
    if (pieces.size() > static_cast<size_t>(capacity)) {
      throw Failure(LT_ARGUMENT, "split into " + std::to_string(pieces.size()) + " pieces, room for " +
                                     std::to_string(capacity));
    }
    *count = static_cast<int32_t>(pieces.size());
    for (size_t i = 0; i < pieces.size(); i++) {
      results[i] = give(std::move(pieces[i]));
    }
  });
}

lt_status lt_to(lt_tensor a, int32_t dtype, int32_t device_type, int32_t device_index, int32_t non_blocking,
                int32_t copy, lt_tensor* result) {
  return computed(result, [&] {
    at::TensorOptions options;
    if (dtype >= 0) {
      options = options.dtype(static_cast<at::ScalarType>(dtype));
    }
    if (device_type >= 0) {
      options = options.device(device_of(device_type, device_index));
    }
    return view(a).to(options, non_blocking != 0, copy != 0);
  });
}

lt_status lt_copy_in_place(lt_tensor a, lt_tensor b, int32_t non_blocking) {
  return guarded([&] { view_mutable(a).copy_(view(b), non_blocking != 0); });
}

lt_status lt_embedding(lt_tensor table, lt_tensor index, int64_t padding, int32_t scale_by_frequency, int32_t sparse,
                       lt_tensor* result) {
  return computed(result, [&] {
    return at::embedding(view(table), view(index), padding, scale_by_frequency != 0, sparse != 0);
  });
}

lt_status lt_dropout(lt_tensor a, double p, int32_t training, lt_tensor* result) {
  return computed(result, [&] { return at::dropout(view(a), p, training != 0); });
}

lt_status lt_layer_norm(lt_tensor a, const int64_t* shape, int32_t dims, lt_tensor weight, lt_tensor bias,
                        double epsilon, lt_tensor* result) {
  return computed(result, [&] {
    return at::layer_norm(view(a), ints(shape, dims), optional_of(weight), optional_of(bias), epsilon);
  });
}

lt_status lt_batch_norm(lt_tensor a, lt_tensor weight, lt_tensor bias, lt_tensor mean, lt_tensor variance,
                        int32_t training, double momentum, double epsilon, lt_tensor* result) {
  return computed(result, [&] {
    return at::batch_norm(view(a), optional_of(weight), optional_of(bias), optional_of(mean), optional_of(variance),
                          training != 0, momentum, epsilon, /*cudnn_enabled=*/at::globalContext().userEnabledCuDNN());
  });
}

lt_status lt_group_norm(lt_tensor a, int64_t groups, lt_tensor weight, lt_tensor bias, double epsilon,
                        lt_tensor* result) {
  return computed(result, [&] {
    return at::group_norm(view(a), groups, optional_of(weight), optional_of(bias), epsilon);
  });
}

lt_status lt_cross_entropy(lt_tensor input, lt_tensor target, lt_tensor weight, int32_t reduction,
                           int64_t ignore_index, double label_smoothing, lt_tensor* result) {
  return computed(result, [&] {
    return at::cross_entropy_loss(view(input), view(target), optional_of(weight), reduction, ignore_index,
                                  label_smoothing);
  });
}

lt_status lt_nll_loss(lt_tensor input, lt_tensor target, lt_tensor weight, int32_t reduction, int64_t ignore_index,
                      lt_tensor* result) {
  return computed(result, [&] {
    return at::nll_loss_nd(view(input), view(target), optional_of(weight), reduction, ignore_index);
  });
}

lt_status lt_mse_loss(lt_tensor input, lt_tensor target, int32_t reduction, lt_tensor* result) {
  return computed(result, [&] { return at::mse_loss(view(input), view(target), reduction); });
}

lt_status lt_bce_with_logits(lt_tensor input, lt_tensor target, lt_tensor weight, lt_tensor positive_weight,
                             int32_t reduction, lt_tensor* result) {
  return computed(result, [&] {
    return at::binary_cross_entropy_with_logits(view(input), view(target), optional_of(weight),
                                                optional_of(positive_weight), reduction);
  });
}

} // extern "C"
