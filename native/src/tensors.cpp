// Making tensors, looking at them, reading and releasing them.
#include "common.h"

#include <sstream>

using namespace lepton;

namespace {

const at::TensorImpl* impl(lt_tensor tensor) {
  return reinterpret_cast<const at::TensorImpl*>(tensor);
}

c10::IntArrayRef shape_of(const int64_t* shape, int32_t dims) {
  return c10::IntArrayRef(shape, static_cast<size_t>(dims));
}

int64_t elements_of(const int64_t* shape, int32_t dims) {
  int64_t elements = 1;
  for (int32_t i = 0; i < dims; i++) {
    elements *= shape[i];
  }
  return elements;
}

void check_bytes(int64_t bytes, int64_t elements, at::ScalarType dtype) {
  const int64_t wanted = elements * static_cast<int64_t>(c10::elementSize(dtype));
  if (bytes != wanted) {
    throw Failure(LT_ARGUMENT, "the tensor has " + std::to_string(wanted) + " bytes, the memory " +
                                   std::to_string(bytes));
  }
}

} // namespace

extern "C" {

lt_tensor lt_tensor_retain(lt_tensor tensor) {
  return give(view(tensor));
}

void lt_tensor_release(lt_tensor tensor) {
  take(tensor);
}

void lt_tensor_release_all(const lt_tensor* tensors, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    take(tensors[i]);
  }
}

int64_t lt_tensor_references(lt_tensor tensor) {
  return static_cast<int64_t>(view(tensor).use_count());
}

lt_status lt_tensor_empty(const int64_t* shape, int32_t dims, int32_t dtype, int32_t device_type,
                          int32_t device_index, lt_tensor* result) {
  return guarded([&] {
    *result = give(at::empty(shape_of(shape, dims), options_of(dtype, device_type, device_index)));
  });
}

lt_status lt_tensor_full(const int64_t* shape, int32_t dims, lt_scalar value, int32_t dtype, int32_t device_type,
                         int32_t device_index, lt_tensor* result) {
  return guarded([&] {
    const at::Scalar scalar = scalar_of(value);
    const auto options = options_of(dtype, device_type, device_index);
    const bool is_zero = !scalar.isComplex() && scalar.toDouble() == 0;
    *result = give(is_zero ? at::zeros(shape_of(shape, dims), options)
                           : at::full(shape_of(shape, dims), scalar, options));
  });
}

lt_status lt_tensor_copy_in(const void* data, int64_t bytes, const int64_t* shape, int32_t dims, int32_t dtype,
                            lt_tensor* result) {
  return guarded([&] {
    check_bytes(bytes, elements_of(shape, dims), static_cast<at::ScalarType>(dtype));
    at::Tensor tensor = at::empty(shape_of(shape, dims), options_of(dtype, 0, -1));
    if (bytes > 0) {
      std::memcpy(tensor.data_ptr(), data, bytes);
    }
    *result = give(std::move(tensor));
  });
}

lt_status lt_tensor_over(void* data, const int64_t* shape, int32_t dims, int32_t dtype, void* context,
                         void (*release)(void*), lt_tensor* result) {
  return guarded([&] {
    // at::from_blob has no word for a context, and a std::function would be one more allocation. From `context` on the
    // maker owns it, and gives it back where it fails.
    const auto options = options_of(dtype, 0, -1);
    at::Tensor tensor =
        at::for_blob(data, shape_of(shape, dims)).context(context, release).options(options).make_tensor();
    *result = give(std::move(tensor));
  });
}

lt_status lt_tensor_copy_out(lt_tensor tensor, void* data, int64_t bytes) {
  return guarded([&] {
    const at::Tensor& source = view(tensor);
    check_bytes(bytes, source.numel(), source.scalar_type());
    if (bytes == 0) {
      return;
    }
    if (source.device().is_cpu() && source.is_contiguous() && !source.is_conj() && !source.is_neg()) {
      std::memcpy(data, source.data_ptr(), bytes);
      return;
    }
    at::NoGradGuard no_grad;
    at::Tensor target = at::for_blob(data, source.sizes()).options(at::TensorOptions(source.dtype())).make_tensor();
    target.copy_(source);
  });
}

void* lt_tensor_data(lt_tensor tensor) {
  const auto* tensor_impl = impl(tensor);
  return tensor_impl->has_storage() && tensor_impl->numel() > 0 ? view(tensor).data_ptr() : nullptr;
}

int32_t lt_tensor_dims(lt_tensor tensor) {
  return static_cast<int32_t>(impl(tensor)->dim());
}

int64_t lt_tensor_elements(lt_tensor tensor) {
  return impl(tensor)->numel();
}

int32_t lt_tensor_dtype(lt_tensor tensor) {
  return static_cast<int32_t>(view(tensor).scalar_type());
}

int32_t lt_tensor_device_type(lt_tensor tensor) {
  return static_cast<int32_t>(impl(tensor)->device_type());
}

int32_t lt_tensor_device_index(lt_tensor tensor) {
  return static_cast<int32_t>(impl(tensor)->device().index());
}

int32_t lt_tensor_element_bytes(lt_tensor tensor) {
  return static_cast<int32_t>(impl(tensor)->itemsize());
}

int32_t lt_tensor_is_contiguous(lt_tensor tensor) {
  return impl(tensor)->is_contiguous() ? 1 : 0;
}

int64_t lt_tensor_storage_bytes(lt_tensor tensor) {
  return impl(tensor)->has_storage() ? static_cast<int64_t>(impl(tensor)->storage().nbytes()) : 0;
}

int32_t lt_tensor_sizes(lt_tensor tensor, int64_t* sizes, int32_t capacity) {
  const auto values = impl(tensor)->sizes();
  for (int32_t i = 0; i < capacity && i < static_cast<int32_t>(values.size()); i++) {
    sizes[i] = values[i];
  }
  return static_cast<int32_t>(values.size());
}

int32_t lt_tensor_strides(lt_tensor tensor, int64_t* strides, int32_t capacity) {
  if (!impl(tensor)->has_storage()) {
    return 0;
  }
  const auto values = impl(tensor)->strides();
  for (int32_t i = 0; i < capacity && i < static_cast<int32_t>(values.size()); i++) {
    strides[i] = values[i];
  }
  return static_cast<int32_t>(values.size());
}

lt_status lt_tensor_item(lt_tensor tensor, lt_scalar* value) {
  return guarded([&] { *value = scalar_from(view(tensor).item()); });
}

lt_status lt_tensor_text(lt_tensor tensor, char** text) {
  return guarded([&] {
    at::NoGradGuard no_grad;
    std::ostringstream stream;
    stream << view(tensor);
    *text = text_of(stream.str());
  });
}

int32_t lt_tensor_shares_storage(lt_tensor tensor, lt_tensor other) {
  if (tensor == other) {
    return 1;
  }
  return impl(tensor)->has_storage() && impl(other)->has_storage() &&
                 view(tensor).storage().unsafeGetStorageImpl() == view(other).storage().unsafeGetStorageImpl()
             ? 1
             : 0;
}

} // extern "C"
