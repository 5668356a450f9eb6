// Futures of tensors.
#include "collectives.h"

#include <c10/core/impl/VirtualGuardImpl.h>

namespace lepton {

at::Tensor tensor_of(const c10::IValue& value) {
  if (value.isTensor()) {
    return value.toTensor();
  }
  if (value.isTensorList()) {
    const auto list = value.toTensorVector();
    return list.empty() ? at::Tensor() : list[0];
  }
  if (value.isList()) {
    const auto list = value.toListRef();
    return list.empty() ? at::Tensor() : tensor_of(list[0]);
  }
  return at::Tensor();
}

} // namespace lepton

using namespace lepton;

namespace {

// A future that may come to hold tensors of such devices, and of the CPU, which is none of them: it has whoever waits
// for it wait for their streams. A callback gets a stream of each, so a device that is not this rank's own would be
// started for nothing, with some hundred megabytes of its memory.
c10::intrusive_ptr<Future> new_future(std::vector<c10::Device> devices) {
  return c10::make_intrusive<Future>(c10::TensorType::get(), std::move(devices));
}

std::vector<c10::Device> streams_of(c10::Device device) {
  if (device.is_cpu()) {
    return {};
  }
  return {device.has_index() ? device : c10::impl::VirtualGuardImpl(device.type()).getDevice()};
}

} // namespace

extern "C" {

lt_status lt_future_new(int32_t device_type, int32_t device_index, lt_future* result) {
  return guarded([&] {
    *result = give_counted<lt_future>(new_future(streams_of(device_of(device_type, device_index))));
  });
}

void lt_future_release(lt_future future) {
  release_counted<Future>(future);
}

lt_status lt_future_complete(lt_future future, lt_tensor value) {
  return guarded([&] { raw<Future>(future).markCompleted(c10::IValue(view(value))); });
}

lt_status lt_future_fail(lt_future future, const char* message) {
  return guarded([&] {
    raw<Future>(future).setError(std::make_exception_ptr(Failure(LT_CALLBACK, message)));
  });
}

int32_t lt_future_is_completed(lt_future future) {
  return raw<Future>(future).completed() ? 1 : 0;
}

lt_status lt_future_wait(lt_future future, lt_tensor* value) {
  return guarded([&] {
    raw<Future>(future).waitAndThrow();
    *value = give(tensor_of(raw<Future>(future).value()));
  });
}

lt_status lt_future_then(lt_future future, lt_future_function next, void* context, void (*release)(void*),
                         lt_future* result) {
  return guarded([&] {
    auto owner = std::make_shared<Context>(context, release);
    auto following = new_future(raw<Future>(future).devices());
    raw<Future>(future).addCallback([following, owner, next](Future& done) {
      if (done.hasError()) {
        following->setError(done.exception_ptr());
        return;
      }
      try {
        const at::Tensor value = tensor_of(done.value());
        lt_tensor handle = nullptr;
        const lt_status status =
            next(owner->get(), reinterpret_cast<lt_tensor>(value.unsafeGetTensorImpl()), &handle);
        at::Tensor made = take(handle);
        check_callback(status);
        following->markCompleted(c10::IValue(std::move(made)));
      } catch (...) {
        following->setError(std::current_exception());
      }
    });
    *result = give_counted<lt_future>(std::move(following));
  });
}

} // extern "C"
