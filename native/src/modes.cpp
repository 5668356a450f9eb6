// Modes of a thread: operators in a smaller dtype (autocast), and the search for the first one that gives no finite
// numbers.
#include "common.h"

#include <ATen/autocast_mode.h>
#include <ATen/record_function.h>

#include <sstream>

using namespace lepton;

namespace {

// ---- autocast ----

bool autocast_enabled(c10::DeviceType device) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  return at::autocast::is_autocast_enabled(device);
#else
  return device == c10::DeviceType::CPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
#endif
}

void set_autocast(c10::DeviceType device, bool enabled) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  at::autocast::set_autocast_enabled(device, enabled);
#else
  device == c10::DeviceType::CPU ? at::autocast::set_cpu_enabled(enabled) : at::autocast::set_enabled(enabled);
#endif
}

void set_autocast_dtype(c10::DeviceType device, at::ScalarType dtype) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  at::autocast::set_autocast_dtype(device, dtype);
#else
  device == c10::DeviceType::CPU ? at::autocast::set_autocast_cpu_dtype(dtype)
                                 : at::autocast::set_autocast_gpu_dtype(dtype);
#endif
}

// ---- the first operator whose result is not finite ----

struct Search {
  at::CallbackHandle callback = 0;
  int64_t operators = 0;
  bool found = false;
  std::string text;
};

thread_local std::unique_ptr<Search> search;

bool is_finite(const at::Tensor& tensor) {
  return !tensor.defined() || !at::isFloatingType(tensor.scalar_type()) || tensor.layout() != at::kStrided ||
         tensor.numel() == 0 || at::isfinite(tensor).all().item<bool>();
}

std::string found_text(const char* name, int64_t number, const at::Tensor& tensor) {
  std::ostringstream text;
  text << name << '\t' << number << '\t' << static_cast<int32_t>(tensor.scalar_type()) << '\t' << tensor.sizes();
  return text.str();
}

void look_at(const at::RecordFunction& function) {
  for (const auto& output : function.outputs()) {
    const std::vector<at::Tensor> tensors = output.isTensor()       ? std::vector<at::Tensor>{output.toTensor()}
                                            : output.isTensorList() ? output.toTensorVector()
                                                                    : std::vector<at::Tensor>();
    for (const auto& tensor : tensors) {
      if (!is_finite(tensor)) {
        search->found = true;
        search->text = found_text(function.name(), search->operators, tensor);
        return;
      }
    }
  }
}

void on_operator_end(const at::RecordFunction& function, at::ObserverContext*) {
  if (search == nullptr || search->found) {
    return;
  }
  // What is looked at here is not to be looked at in its turn, nor recorded.
  at::DisableRecordFunctionGuard nobody_listens;
  at::NoGradGuard no_grad;
  search->operators++;
  // Memory that was only reserved holds whatever it held.
  if (std::string(function.name()).rfind("aten::empty", 0) != 0) {
    look_at(function);
  }
}

} // namespace

extern "C" {

lt_status lt_autocast_begin(int32_t device_type, int32_t dtype, int32_t* before) {
  return guarded([&] {
    const auto device = static_cast<c10::DeviceType>(device_type);
    if (device != c10::DeviceType::CPU && device != c10::DeviceType::CUDA) {
      throw Failure(LT_ARGUMENT, "autocast is for the CPU and for CUDA");
    }
    *before = autocast_enabled(device) ? 1 : 0;
    set_autocast_dtype(device, static_cast<at::ScalarType>(dtype));
    set_autocast(device, true);
    at::autocast::increment_nesting();
  });
}

void lt_autocast_end(int32_t device_type, int32_t before) {
  // Weights that were converted are kept until the outermost one ends, as they change with the optimizer's step.
  if (at::autocast::decrement_nesting() == 0) {
    at::autocast::clear_cache();
  }
  set_autocast(static_cast<c10::DeviceType>(device_type), before != 0);
}

lt_status lt_not_finite_begin(void) {
  return guarded([&] {
    if (search != nullptr) {
      throw Failure(LT_ARGUMENT, "this thread searches already");
    }
    auto begun = std::make_unique<Search>();
    begun->callback = at::addThreadLocalCallback(
        at::RecordFunctionCallback(nullptr, &on_operator_end)
            .needsOutputs(true)
            .scopes({at::RecordScope::FUNCTION}));
    search = std::move(begun);
  });
}

lt_status lt_not_finite_end(char** text) {
  return guarded([&] {
    if (search == nullptr) {
      throw Failure(LT_ARGUMENT, "this thread does not search");
    }
    const std::unique_ptr<Search> ended = std::move(search);
    at::removeCallback(ended->callback);
    *text = ended->found ? text_of(ended->text) : nullptr;
  });
}

} // extern "C"
