// What all files of the shim share: handles as tensors without counting references, and exceptions as statuses.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/version.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "lepton_torch.h"

#if TORCH_VERSION_MAJOR < 1 || (TORCH_VERSION_MAJOR == 1 && TORCH_VERSION_MINOR < 13)
#error "This libtorch is too old: 1.13 or newer is needed."
#endif

namespace lepton {

// An at::Tensor is one counted pointer. So a handle, the same pointer, can be read as a tensor in place: no operator
// call counts references up and down for its arguments.
static_assert(sizeof(at::Tensor) == sizeof(lt_tensor), "at::Tensor is no longer a single pointer");

inline const at::Tensor& undefined() {
  static const at::Tensor none;
  return none;
}

inline const at::Tensor& view(const lt_tensor& handle) {
  return handle == nullptr ? undefined() : reinterpret_cast<const at::Tensor&>(handle);
}

inline at::Tensor& view_mutable(const lt_tensor& handle) {
  return const_cast<at::Tensor&>(reinterpret_cast<const at::Tensor&>(handle));
}

// Moves a tensor's reference into a handle.
inline lt_tensor give(at::Tensor&& tensor) {
  return tensor.defined() ? reinterpret_cast<lt_tensor>(tensor.unsafeReleaseTensorImpl()) : nullptr;
}

inline lt_tensor give(const at::Tensor& tensor) {
  return give(at::Tensor(tensor));
}

// Moves a handle's reference into a tensor.
inline at::Tensor take(lt_tensor handle) {
  if (handle == nullptr) {
    return at::Tensor();
  }
  return at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(
      reinterpret_cast<at::TensorImpl*>(handle)));
}

inline std::vector<at::Tensor> tensors_of(const lt_tensor* handles, int64_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int64_t i = 0; i < count; i++) {
    tensors.push_back(view(handles[i]));
  }
  return tensors;
}

// A list of handles is a list of tensors already, as long as none is undefined.
inline at::TensorList list_of(const lt_tensor* handles, int64_t count) {
  return at::TensorList(reinterpret_cast<const at::Tensor*>(handles), count);
}

inline at::Scalar scalar_of(lt_scalar value) {
  switch (value.kind) {
    case LT_SCALAR_FLOAT: {
      double number;
      std::memcpy(&number, &value.bits, sizeof(number));
      return at::Scalar(number);
    }
    case LT_SCALAR_BOOL:
      return at::Scalar(value.bits != 0);
    default:
      return at::Scalar(value.bits);
  }
}

inline lt_scalar scalar_from(const at::Scalar& value) {
  lt_scalar result;
  if (value.isBoolean()) {
    result.kind = LT_SCALAR_BOOL;
    result.bits = value.toBool() ? 1 : 0;
  } else if (value.isIntegral(/*includeBool=*/false)) {
    result.kind = LT_SCALAR_INT;
    result.bits = value.toLong();
  } else {
    const double number = value.toDouble();
    result.kind = LT_SCALAR_FLOAT;
    std::memcpy(&result.bits, &number, sizeof(number));
  }
  return result;
}

inline c10::Device device_of(int32_t type, int32_t index) {
  return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

inline at::TensorOptions options_of(int32_t dtype, int32_t device_type, int32_t device_index) {
  return at::TensorOptions(device_of(device_type, device_index)).dtype(static_cast<at::ScalarType>(dtype));
}

inline c10::optional<at::ScalarType> dtype_of(int32_t dtype) {
  return dtype < 0 ? c10::nullopt : c10::optional<at::ScalarType>(static_cast<at::ScalarType>(dtype));
}

inline c10::optional<at::Tensor> optional_of(const lt_tensor& handle) {
  return handle == nullptr ? c10::nullopt : c10::optional<at::Tensor>(view(handle));
}

// A failure with a status of its own.
class Failure : public std::exception {
 public:
  Failure(lt_status status, std::string words) : status_(status), words_(std::move(words)) {}
  lt_status status() const noexcept { return status_; }
  const char* what() const noexcept override { return words_.c_str(); }

 private:
  lt_status status_;
  std::string words_;
};

// Keeps the words of the exception in flight and gives its status. Only to be called within a catch.
lt_status translate_exception() noexcept;

// The words of an exception, without a backtrace.
std::string words_of(const std::exception_ptr& error) noexcept;

template <class F>
inline lt_status guarded(F&& body) noexcept {
  try {
    body();
    return LT_OK;
  } catch (...) {
    return translate_exception();
  }
}

// A copy of text that lt_free releases.
inline char* text_of(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy == nullptr) {
    throw std::bad_alloc();
  }
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

// The context of a callback, given back when its last owner goes.
class Context {
 public:
  Context(void* context, void (*release)(void*)) : context_(context), release_(release) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    if (release_ != nullptr) {
      release_(context_);
    }
  }
  void* get() const { return context_; }

 private:
  void* context_;
  void (*release_)(void*);
};

inline void check_callback(lt_status status) {
  if (status != LT_OK) {
    throw Failure(status, "a callback failed");
  }
}

} // namespace lepton
