// CUDA devices: how many, what they hold, and waiting for them. Without CUDA there are none.
#include "common.h"

#include <ATen/Context.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#ifdef LEPTON_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_runtime_api.h>
#endif

using namespace lepton;

namespace {

int32_t device_count() {
  return at::hasCUDA() ? c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).deviceCount() : 0;
}

#ifdef LEPTON_CUDA
// Makes a device the calling thread's for a while, and starts CUDA where nobody has yet.
class OnDevice {
 public:
  explicit OnDevice(int32_t index) : guard_(checked(index)) {
    at::empty({0}, at::TensorOptions(c10::Device(c10::DeviceType::CUDA, guard_.current_device().index())));
  }

  c10::DeviceIndex index() const { return guard_.current_device().index(); }

 private:
  static c10::Device checked(int32_t index) {
    if (index >= device_count()) {
      throw Failure(LT_ARGUMENT, "there is no cuda:" + std::to_string(index) + ", of " +
                                     std::to_string(device_count()) + " CUDA devices");
    }
    return c10::Device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(index));
  }

  c10::cuda::CUDAGuard guard_;
};
#else
[[noreturn]] void refuse() {
  throw Failure(LT_ABSENT, "this build has no CUDA");
}
#endif

} // namespace

extern "C" {

lt_status lt_cuda_device_count(int32_t* count) {
  return guarded([&] { *count = device_count(); });
}

lt_status lt_cuda_device_name(int32_t index, char** text) {
  return guarded([&] {
#ifdef LEPTON_CUDA
    const OnDevice device(index);
    cudaDeviceProp properties;
    C10_CUDA_CHECK(cudaGetDeviceProperties(&properties, device.index()));
    *text = text_of(properties.name);
#else
    (void)index, (void)text;
    refuse();
#endif
  });
}

lt_status lt_cuda_synchronize(int32_t index) {
  return guarded([&] {
#ifdef LEPTON_CUDA
    const OnDevice device(index);
    c10::cuda::device_synchronize();
#else
    (void)index;
    refuse();
#endif
  });
}

lt_status lt_cuda_memory_of(int32_t index, lt_cuda_memory* memory) {
  return guarded([&] {
#ifdef LEPTON_CUDA
    const OnDevice device(index);
    size_t free = 0;
    size_t total = 0;
    C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
    // The first of each list of counters is for all pools together.
    const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(device.index());
    memory->allocated_bytes = stats.allocated_bytes[0].current;
    memory->allocated_bytes_peak = stats.allocated_bytes[0].peak;
    memory->reserved_bytes = stats.reserved_bytes[0].current;
    memory->free_bytes = static_cast<int64_t>(free);
    memory->total_bytes = static_cast<int64_t>(total);
#else
    (void)index, (void)memory;
    refuse();
#endif
  });
}

lt_status lt_cuda_empty_cache(void) {
  return guarded([&] {
#ifdef LEPTON_CUDA
    c10::cuda::CUDACachingAllocator::emptyCache();
#endif
  });
}

lt_status lt_cuda_allow_tf32(int32_t allowed) {
  return guarded([&] {
    at::globalContext().setAllowTF32CuBLAS(allowed != 0);
    at::globalContext().setAllowTF32CuDNN(allowed != 0);
  });
}

} // extern "C"
