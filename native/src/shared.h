// All-reduce through memory that the ranks of one machine share: without the kernel's sockets, which copy each byte
// four times.
#pragma once

#include "collectives.h"

namespace lepton {

// Memory that all ranks of a group have mapped. Thread safe.
class SharedRegion {
 public:
  virtual ~SharedRegion() = default;

  // Which reduction of the group this is; called in the order in which the reductions are started.
  virtual uint64_t next() = 0;

  // Adds up all ranks' tensors, each contiguous and in place; blocks. Every rank adds in the order of ranks, so that
  // all have the same bits. Throws where a rank gives another tensor, is gone, or doesn't come in time.
  virtual void sum(uint64_t sequence, at::Tensor& tensor) = 0;

  // Whether it can add such tensors up; the same on all ranks where the tensors are of one dtype.
  static bool takes(const at::Tensor& tensor);

  // Called by all ranks. Gives none where they are not all on one machine, or it has no room.
  static std::shared_ptr<SharedRegion> open(c10d::Store& store, int rank, int size,
                                            std::chrono::milliseconds timeout);
};

} // namespace lepton
