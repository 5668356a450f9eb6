// Random numbers: generators with a seed and a state of their own, and draws in place.
#include "common.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#ifdef LEPTON_CUDA
#include <ATen/cuda/CUDAGeneratorImpl.h>
#endif

#include <mutex>

using namespace lepton;

namespace {

static_assert(sizeof(at::Generator) == sizeof(lt_generator), "at::Generator is no longer a single pointer");

at::Generator& view_generator(const lt_generator& handle) {
  return const_cast<at::Generator&>(reinterpret_cast<const at::Generator&>(handle));
}

c10::optional<at::Generator> optional_generator(const lt_generator& handle) {
  return handle == nullptr ? c10::nullopt : c10::optional<at::Generator>(view_generator(handle));
}

// The handle is the generator's own counted pointer.
lt_generator give_generator(const at::Generator& generator) {
  c10::intrusive_ptr<c10::GeneratorImpl> counted = generator.getIntrusivePtr();
  return reinterpret_cast<lt_generator>(counted.release());
}

} // namespace

extern "C" {

lt_status lt_manual_seed(uint64_t seed) {
  return guarded([&] { at::manual_seed(seed); });
}

lt_status lt_generator_new(uint64_t seed, int32_t device_type, int32_t device_index, lt_generator* result) {
  return guarded([&] {
    const auto device = device_of(device_type, device_index);
    if (device.is_cpu()) {
      *result = give_generator(at::make_generator<at::CPUGeneratorImpl>(seed));
      return;
    }
#ifdef LEPTON_CUDA
    if (device.is_cuda()) {
      at::Generator generator = at::cuda::detail::createCUDAGenerator(device.index());
      generator.set_current_seed(seed);
      *result = give_generator(generator);
      return;
    }
#endif
    throw Failure(LT_ABSENT, "this build makes no generators for " + device.str());
  });
}

lt_status lt_generator_default(int32_t device_type, int32_t device_index, lt_generator* result) {
  return guarded([&] {
    *result = give_generator(at::globalContext().defaultGenerator(device_of(device_type, device_index)));
  });
}

void lt_generator_release(lt_generator generator) {
  if (generator != nullptr) {
    c10::intrusive_ptr<c10::GeneratorImpl>::reclaim(reinterpret_cast<c10::GeneratorImpl*>(generator));
  }
}

lt_status lt_generator_seed(lt_generator generator, uint64_t seed) {
  return guarded([&] {
    at::Generator& self = view_generator(generator);
    const std::lock_guard<std::mutex> lock(self.mutex());
    self.set_current_seed(seed);
  });
}

lt_status lt_generator_initial_seed(lt_generator generator, uint64_t* seed) {
  return guarded([&] {
    at::Generator& self = view_generator(generator);
    const std::lock_guard<std::mutex> lock(self.mutex());
    *seed = self.current_seed();
  });
}

lt_status lt_generator_state(lt_generator generator, lt_tensor* state) {
  return guarded([&] {
    at::Generator& self = view_generator(generator);
    const std::lock_guard<std::mutex> lock(self.mutex());
    *state = give(self.get_state());
  });
}

lt_status lt_generator_set_state(lt_generator generator, lt_tensor state) {
  return guarded([&] {
    at::Generator& self = view_generator(generator);
    const std::lock_guard<std::mutex> lock(self.mutex());
    self.set_state(view(state));
  });
}

lt_status lt_random_in_place(int32_t kind, lt_tensor tensor, double a, double b, lt_generator generator) {
  return guarded([&] {
    at::Tensor& self = view_mutable(tensor);
    const auto source = optional_generator(generator);
    switch (kind) {
      case 0: self.uniform_(a, b, source); break;
      case 1: self.normal_(a, b, source); break;
      case 2: self.bernoulli_(a, source); break;
      case 3: self.exponential_(a, source); break;
      case 4: self.random_(static_cast<int64_t>(a), static_cast<int64_t>(b), source); break;
      default: throw Failure(LT_ARGUMENT, "lt_random_in_place knows no kind " + std::to_string(kind));
    }
  });
}

lt_status lt_random_permutation(int64_t n, lt_generator generator, lt_tensor* result) {
  return guarded([&] {
    const auto source = optional_generator(generator);
    const c10::Device device = source.has_value() ? source->device() : c10::Device(c10::DeviceType::CPU);
    *result = give(at::randperm(n, source, at::TensorOptions(at::kLong).device(device)));
  });
}

} // extern "C"
