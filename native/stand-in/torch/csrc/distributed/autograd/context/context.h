// Stands in for a header that reducer.hpp includes and that Debian's libtorch-dev leaves out. The reducer needs the
// names alone: it is never given a context of distributed autograd, as nothing here starts the RPC framework. It comes
// last among the include folders, so that a libtorch which has the real header uses that.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

namespace torch {
namespace distributed {
namespace autograd {

class DistAutogradContext {
 public:
  using GradCallback = std::function<bool(at::Tensor&)>;
};

using ContextPtr = std::shared_ptr<DistAutogradContext>;

} // namespace autograd
} // namespace distributed
} // namespace torch
