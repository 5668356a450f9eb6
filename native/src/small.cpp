#include "small.h"

#include "nodes.h"
#include "pool.h"

#include <ATen/CPUFunctions.h>
#include <ATen/EmptyTensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/record_function.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/generated/Functions.h>

#include <memory>

namespace lepton {

namespace {

using torch::autograd::SavedVariable;
using torch::autograd::variable_list;

// Above this the arithmetic outweighs the way, and libtorch's kernels may use several threads.
constexpr int64_t small_elements = 4096;

// The keys of an ordinary CPU tensor.
c10::DispatchKeySet plain_keys() {
  static const c10::DispatchKeySet keys = at::detail::empty_cpu({1}, at::kFloat).unsafeGetTensorImpl()->key_set();
  return keys;
}

// Older versions have tensors whose dimensions have names, and a key for them.
template <class Key>
constexpr c10::DispatchKeySet names_of(decltype(Key::Named)*) {
  return c10::DispatchKeySet(Key::Named);
}

template <class Key>
constexpr c10::DispatchKeySet names_of(...) {
  return c10::DispatchKeySet();
}

// Whether this thread runs operators as they are: no transform, no autocast, no inference mode, no profiler. Backward
// switches named tensors off; a plain tensor has no names.
bool runs_plainly() noexcept {
  const auto local = c10::impl::tls_local_dispatch_key_set();
  return local.included_ == c10::default_included_set &&
         local.excluded_ - names_of<c10::DispatchKey>(nullptr) == c10::default_excluded_set &&
         !at::hasCallbacks() && !torch::autograd::AnomalyMode::is_enabled();
}

bool is_plain(const at::TensorImpl* tensor) noexcept {
  return tensor->key_set() == plain_keys() && tensor->is_contiguous() && tensor->numel() <= small_elements &&
         tensor->numel() > 0 && (tensor->dtype() == caffe2::TypeMeta::Make<float>() ||
                                 tensor->dtype() == caffe2::TypeMeta::Make<double>());
}

bool is_small_pair(const at::Tensor& a, const at::Tensor& b) noexcept {
  const auto* first = a.unsafeGetTensorImpl();
  const auto* second = b.unsafeGetTensorImpl();
  return is_plain(first) && is_plain(second) && first->dtype() == second->dtype() &&
         first->sizes() == second->sizes();
}

at::Tensor empty_of(const at::Tensor& like) {
  return at::Tensor(at::detail::empty_generic(like.sizes(), small_allocator(),
                                              c10::DispatchKeySet(c10::DispatchKey::CPU), like.scalar_type(),
                                              c10::nullopt));
}

template <class T, class F>
at::Tensor map1(const at::Tensor& a, F&& function) {
  at::Tensor result = empty_of(a);
  const T* x = static_cast<const T*>(a.data_ptr());
  T* y = static_cast<T*>(result.data_ptr());
  const int64_t count = a.numel();
  for (int64_t i = 0; i < count; i++) {
    y[i] = function(x[i]);
  }
  return result;
}

template <class T, class F>
at::Tensor map2(const at::Tensor& a, const at::Tensor& b, F&& function) {
  at::Tensor result = empty_of(a);
  const T* x = static_cast<const T*>(a.data_ptr());
  const T* y = static_cast<const T*>(b.data_ptr());
  T* z = static_cast<T*>(result.data_ptr());
  const int64_t count = a.numel();
  for (int64_t i = 0; i < count; i++) {
    z[i] = function(x[i], y[i]);
  }
  return result;
}

template <class F>
at::Tensor mapped(const at::Tensor& a, F&& function) {
  return a.scalar_type() == at::kFloat ? map1<float>(a, function) : map1<double>(a, function);
}

template <class F>
at::Tensor mapped(const at::Tensor& a, const at::Tensor& b, F&& function) {
  return a.scalar_type() == at::kFloat ? map2<float>(a, b, function) : map2<double>(a, b, function);
}

at::Tensor computed(SmallBinary operation, const at::Tensor& a, const at::Tensor& b) {
  switch (operation) {
    case SmallBinary::add: return mapped(a, b, [](auto x, auto y) { return x + y; });
    case SmallBinary::sub: return mapped(a, b, [](auto x, auto y) { return x - y; });
    case SmallBinary::mul: return mapped(a, b, [](auto x, auto y) { return x * y; });
    default: return mapped(a, b, [](auto x, auto y) { return x / y; });
  }
}

template <class T>
at::Tensor computed_scalar(SmallBinary operation, const at::Tensor& a, T b) {
  switch (operation) {
    case SmallBinary::add: return map1<T>(a, [b](T x) { return x + b; });
    case SmallBinary::sub: return map1<T>(a, [b](T x) { return x - b; });
    case SmallBinary::mul: return map1<T>(a, [b](T x) { return x * b; });
    default: return map1<T>(a, [b](T x) { return x / b; });
  }
}

at::Tensor computed(SmallUnary operation, const at::Tensor& a) {
  switch (operation) {
    case SmallUnary::neg: return mapped(a, [](auto x) { return -x; });
    // NaN stays NaN.
    case SmallUnary::relu: return mapped(a, [](auto x) { return x < 0 ? decltype(x)(0) : x; });
    case SmallUnary::tanh: return at::cpu::tanh(a);
    case SmallUnary::sigmoid: return at::cpu::sigmoid(a);
    default: return at::cpu::exp(a);
  }
}

// Whether a gradient that came to a node can be taken the short way: nothing is recorded in backward, as it is unless
// gradients of gradients are wanted.
bool takes_short_way(const variable_list& gradients) {
  return gradients.size() == 1 && gradients[0].defined() && !at::GradMode::is_enabled() && runs_plainly() &&
         is_plain(gradients[0].unsafeGetTensorImpl());
}

// libtorch's own nodes, with their names, what they save and their slow way; the short way of apply is ours.

struct AddNode final : torch::autograd::generated::AddBackward0 {
  variable_list apply(variable_list&& gradients) override {
    if (!takes_short_way(gradients)) {
      return AddBackward0::apply(std::move(gradients));
    }
    variable_list result(2);
    if (should_compute_output(1)) {
      result[1] = gradients[0];
    }
    if (should_compute_output(0)) {
      result[0] = std::move(gradients[0]);
    }
    return result;
  }
};

struct SubNode final : torch::autograd::generated::SubBackward0 {
  variable_list apply(variable_list&& gradients) override {
    if (!takes_short_way(gradients)) {
      return SubBackward0::apply(std::move(gradients));
    }
    variable_list result(2);
    if (should_compute_output(1)) {
      result[1] = computed(SmallUnary::neg, gradients[0]);
    }
    if (should_compute_output(0)) {
      result[0] = std::move(gradients[0]);
    }
    return result;
  }
};

struct MulNode final : torch::autograd::generated::MulBackward0 {
  variable_list apply(variable_list&& gradients) override {
    if (!takes_short_way(gradients)) {
      return MulBackward0::apply(std::move(gradients));
    }
    variable_list result(2);
    if (should_compute_output(0)) {
      result[0] = computed(SmallBinary::mul, gradients[0], other_.unpack());
    }
    if (should_compute_output(1)) {
      result[1] = computed(SmallBinary::mul, gradients[0], self_.unpack());
    }
    return result;
  }
};

struct ScalarAddNode final : torch::autograd::generated::AddBackward1 {
  variable_list apply(variable_list&& gradients) override {
    return takes_short_way(gradients) ? std::move(gradients) : AddBackward1::apply(std::move(gradients));
  }
};

struct ScalarMulNode final : torch::autograd::generated::MulBackward1 {
  variable_list apply(variable_list&& gradients) override {
    if (!takes_short_way(gradients)) {
      return MulBackward1::apply(std::move(gradients));
    }
    return {small_binary_scalar(SmallBinary::mul, gradients[0], other)};
  }
};

struct NegNode final : torch::autograd::generated::NegBackward0 {
  variable_list apply(variable_list&& gradients) override {
    if (!takes_short_way(gradients)) {
      return NegBackward0::apply(std::move(gradients));
    }
    return {computed(SmallUnary::neg, gradients[0])};
  }
};

struct ReluNode final : torch::autograd::generated::ReluBackward0 {
  variable_list apply(variable_list&& gradients) override {
    if (!takes_short_way(gradients)) {
      return ReluBackward0::apply(std::move(gradients));
    }
    return {mapped(gradients[0], result_.unpack(pointer_to(this)),
                   [](auto g, auto y) { return y <= 0 ? decltype(g)(0) : g; })};
  }
};

struct TanhNode final : torch::autograd::generated::TanhBackward0 {
  variable_list apply(variable_list&& gradients) override {
    if (!takes_short_way(gradients)) {
      return TanhBackward0::apply(std::move(gradients));
    }
    // libtorch's own kernel, as whether it fuses the product and the difference depends on how it was built.
    return {at::cpu::tanh_backward(gradients[0], result_.unpack(pointer_to(this)))};
  }
};

struct SigmoidNode final : torch::autograd::generated::SigmoidBackward0 {
  variable_list apply(variable_list&& gradients) override {
    if (!takes_short_way(gradients)) {
      return SigmoidBackward0::apply(std::move(gradients));
    }
    return {at::cpu::sigmoid_backward(gradients[0], result_.unpack(pointer_to(this)))};
  }
};

struct ExpNode final : torch::autograd::generated::ExpBackward0 {
  variable_list apply(variable_list&& gradients) override {
    if (!takes_short_way(gradients)) {
      return ExpBackward0::apply(std::move(gradients));
    }
    return {computed(SmallBinary::mul, gradients[0], result_.unpack(pointer_to(this)))};
  }
};

template <class Node, class... Inputs>
auto node_of(const Inputs&... inputs) {
  auto node = new_node<Node>();
  node->set_next_edges(torch::autograd::collect_next_edges(inputs...));
  return node;
}

bool is_recorded(const at::Tensor& a) {
  return a.requires_grad() && at::GradMode::is_enabled();
}

template <class Node>
void record_pair(const at::Tensor& a, const at::Tensor& b, at::Tensor& result) {
  auto node = node_of<Node>(a, b);
  node->self_scalar_type = a.scalar_type();
  node->other_scalar_type = b.scalar_type();
  node->alpha = 1;
  torch::autograd::set_history(result, node);
}

template <class Node>
void record_result(const at::Tensor& a, at::Tensor& result) {
  auto node = node_of<Node>(a);
  torch::autograd::set_history(result, node);
  node->result_ = SavedVariable(result, /*is_output=*/true);
}

} // namespace

bool is_small(const at::Tensor& tensor) noexcept {
  return is_plain(tensor.unsafeGetTensorImpl()) && runs_plainly();
}

at::Tensor small_binary(SmallBinary operation, const at::Tensor& a, const at::Tensor& b) {
  if (!is_small_pair(a, b) || !runs_plainly()) {
    return at::Tensor();
  }
  const bool recorded = at::GradMode::is_enabled() && (a.requires_grad() || b.requires_grad());
  if (recorded && operation == SmallBinary::div) {
    return at::Tensor();
  }
  at::Tensor result = computed(operation, a, b);
  if (recorded) {
    if (operation == SmallBinary::add) {
      record_pair<AddNode>(a, b, result);
    } else if (operation == SmallBinary::sub) {
      record_pair<SubNode>(a, b, result);
    } else {
      auto node = node_of<MulNode>(a, b);
      node->self_scalar_type = a.scalar_type();
      node->other_scalar_type = b.scalar_type();
      if (node->should_compute_output(0)) {
        node->other_ = SavedVariable(b, /*is_output=*/false);
      }
      if (node->should_compute_output(1)) {
        node->self_ = SavedVariable(a, /*is_output=*/false);
      }
      torch::autograd::set_history(result, node);
    }
  }
  return result;
}

at::Tensor small_binary_scalar(SmallBinary operation, const at::Tensor& a, const at::Scalar& b) {
  if (b.isComplex() || !is_plain(a.unsafeGetTensorImpl()) || !runs_plainly()) {
    return at::Tensor();
  }
  const bool recorded = is_recorded(a);
  if (recorded && operation == SmallBinary::div) {
    return at::Tensor();
  }
  at::Tensor result = a.scalar_type() == at::kFloat ? computed_scalar<float>(operation, a, b.to<float>())
                                                    : computed_scalar<double>(operation, a, b.to<double>());
  if (recorded && operation == SmallBinary::mul) {
    auto node = node_of<ScalarMulNode>(a);
    node->self_scalar_type = a.scalar_type();
    node->other = b;
    torch::autograd::set_history(result, node);
  } else if (recorded) {
    auto node = node_of<ScalarAddNode>(a);
    node->self_scalar_type = a.scalar_type();
    torch::autograd::set_history(result, node);
  }
  return result;
}

at::Tensor small_unary(SmallUnary operation, const at::Tensor& a) {
  if (!is_plain(a.unsafeGetTensorImpl()) || !runs_plainly()) {
    return at::Tensor();
  }
  at::Tensor result = computed(operation, a);
  if (is_recorded(a)) {
    switch (operation) {
      case SmallUnary::neg: torch::autograd::set_history(result, node_of<NegNode>(a)); break;
      case SmallUnary::relu: record_result<ReluNode>(a, result); break;
      case SmallUnary::tanh: record_result<TanhNode>(a, result); break;
      case SmallUnary::sigmoid: record_result<SigmoidNode>(a, result); break;
      default: record_result<ExpNode>(a, result); break;
    }
  }
  return result;
}

at::Tensor small_sum(at::Tensor a, const at::Tensor& b) {
  if (a.use_count() == 1 && a.storage().use_count() == 1) {
    auto add = [&](auto* x, const auto* y) {
      const int64_t count = a.numel();
      for (int64_t i = 0; i < count; i++) {
        x[i] += y[i];
      }
    };
    void* x = a.data_ptr();
    const void* y = b.data_ptr();
    if (a.scalar_type() == at::kFloat) {
      add(static_cast<float*>(x), static_cast<const float*>(y));
    } else {
      add(static_cast<double*>(x), static_cast<const double*>(y));
    }
    return a;
  }
  return computed(SmallBinary::add, a, b);
}

} // namespace lepton
