// What the files about collectives share: handles of c10d's classes, and which class does the work in which libtorch.
#pragma once

#include "common.h"

#include <ATen/core/ivalue.h>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <torch/csrc/distributed/c10d/Work.hpp>
#if TORCH_VERSION_MAJOR >= 2
#include <torch/csrc/distributed/c10d/Backend.hpp>
#endif

#include <atomic>
#include <memory>

namespace lepton {

// Before 2.0 a Gloo group is a ProcessGroup. Since then it is a Backend, and a ProcessGroup chooses among backends by
// device; collectives here go to the backend directly, and only the reducer is given the ProcessGroup.
#if TORCH_VERSION_MAJOR >= 2
using Backend = c10d::Backend;
#else
using Backend = c10d::ProcessGroup;
#endif

using Future = c10::ivalue::Future;

template <class T, class Handle>
inline c10::intrusive_ptr<T> counted(Handle handle) {
  return c10::intrusive_ptr<T>::reclaim_copy(reinterpret_cast<T*>(handle));
}

template <class Handle, class T>
inline Handle give_counted(c10::intrusive_ptr<T> pointer) {
  return reinterpret_cast<Handle>(pointer.release());
}

template <class T, class Handle>
inline void release_counted(Handle handle) {
  if (handle != nullptr) {
    c10::intrusive_ptr<T>::reclaim(reinterpret_cast<T*>(handle));
  }
}

template <class T, class Handle>
inline T& raw(Handle handle) {
  return *reinterpret_cast<T*>(handle);
}

// The first tensor of what a future holds: collectives give lists, and lists of lists.
at::Tensor tensor_of(const c10::IValue& value);

} // namespace lepton

namespace lepton {
class LinkMeter;
}

struct lt_group_impl {
  c10::intrusive_ptr<lepton::Backend> gloo; // None in a group over NCCL alone.
  c10::intrusive_ptr<lepton::Backend> nccl; // None in a group over Gloo alone.
  c10::intrusive_ptr<c10d::ProcessGroup> group;
  int rank;
  int size;
  std::shared_ptr<std::atomic<int64_t>> begun; // What a reducer begins, see groups.cpp.
  std::shared_ptr<lepton::LinkMeter> meter; // None where the transport is not ours to measure.

  // Whether such a tensor goes over NCCL. What Gloo, or NCCL, does not take it refuses itself.
  bool takes_nccl(const at::Tensor& tensor) const {
    return gloo == nullptr || (nccl != nullptr && tensor.device().is_cuda());
  }

  lepton::Backend& backend_of(const at::Tensor& tensor) const { return takes_nccl(tensor) ? *nccl : *gloo; }
};
