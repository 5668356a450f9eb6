// A short way for elementwise operators on small CPU tensors, where libtorch's own way (dispatcher, autograd kernel,
// tensor iterator) costs ten times what the arithmetic does.
#pragma once

#include "common.h"

namespace lepton {

// What the short way knows. Each computes the same bits as libtorch's kernel: one rounding, or libtorch's own kernel.
enum class SmallBinary { add, sub, mul, div };
enum class SmallUnary { neg, relu, tanh, sigmoid, exp };

// Whether a tensor is small, dense, of one float dtype, on the CPU, without anything that libtorch would do on the way
// (subclasses, conjugation, transforms), and whether nobody listens to operators (profilers, autocast, anomaly mode).
bool is_small(const at::Tensor& tensor) noexcept;

// Each gives an undefined tensor where the short way can't be taken; the caller then takes libtorch's. Results are
// recorded for backward as libtorch records them, by nodes of the same names.
at::Tensor small_binary(SmallBinary operation, const at::Tensor& a, const at::Tensor& b);
at::Tensor small_binary_scalar(SmallBinary operation, const at::Tensor& a, const at::Scalar& b);
at::Tensor small_unary(SmallUnary operation, const at::Tensor& a);

// a + b of tensors that are both small and of one shape, not recorded; in place of `a` where nobody else has it.
at::Tensor small_sum(at::Tensor a, const at::Tensor& b);

} // namespace lepton
