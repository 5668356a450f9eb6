// Collectives on tensors whose elements don't lie in row-major order. Backends refuse such tensors (NCCL), or take the
// elements as they lie in memory (Gloo), which is another tensor; so they are given copies.
#pragma once

#include "collectives.h"

#include <utility>
#include <vector>

namespace lepton {

// The copies of one collective.
class DenseCopies {
 public:
  // What the collective reads.
  at::Tensor read(const at::Tensor& tensor);

  // What it writes, and may read before.
  at::Tensor changed(const at::Tensor& tensor);

  std::vector<at::Tensor> read(std::vector<at::Tensor> tensors);
  std::vector<at::Tensor> changed(std::vector<at::Tensor> tensors);

  // The work whose end is that of the collective and of copying back; the same one where nothing is to be copied.
  c10::intrusive_ptr<c10d::Work> finish(c10::intrusive_ptr<c10d::Work> work);

 private:
  std::vector<std::pair<at::Tensor, at::Tensor>> changed_;
  std::vector<at::Tensor> results_;
};

} // namespace lepton
