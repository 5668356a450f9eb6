// Gradients: backward, hooks, modes, functions with a backward of the caller's, and what is done to all gradients at
// once.
#include "backward.h"
#include "common.h"
#include "nodes.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/variable.h>

#include <memory>

using namespace lepton;
using torch::autograd::variable_list;

namespace {

variable_list gradients_of(const lt_tensor* gradients, int32_t count) {
  return gradients == nullptr ? variable_list() : tensors_of(gradients, count);
}

// A node of the graph whose backward is a callback.
class CallbackNode : public torch::autograd::Node {
 public:
  CallbackNode(lt_backward_function backward, std::shared_ptr<Context> context, size_t inputs)
      : backward_(backward), context_(std::move(context)), inputs_(inputs) {}

  variable_list apply(variable_list&& gradients) override {
    if (context_ == nullptr) {
      throw Failure(LT_FAILED,
                    "backward was called through this function a second time; keep the graph for that (retain_graph)");
    }
    std::vector<lt_tensor> given;
    given.reserve(gradients.size());
    for (const auto& gradient : gradients) {
      given.push_back(gradient.defined() ? reinterpret_cast<lt_tensor>(gradient.unsafeGetTensorImpl()) : nullptr);
    }
    std::vector<lt_tensor> results(inputs_, nullptr);
    const lt_status status = backward_(context_->get(), given.data(), static_cast<int32_t>(given.size()),
                                       results.data(), static_cast<int32_t>(inputs_));
    variable_list inputs;
    inputs.reserve(inputs_);
    for (lt_tensor result : results) {
      inputs.push_back(take(result));
    }
    check_callback(status);
    return inputs;
  }

  void release_variables() override { context_.reset(); }

  std::string name() const override { return "LeptonFunction"; }

 private:
  lt_backward_function backward_;
  std::shared_ptr<Context> context_;
  size_t inputs_;
};

} // namespace

extern "C" {

int32_t lt_requires_grad(lt_tensor tensor) {
  return view(tensor).requires_grad() ? 1 : 0;
}

lt_status lt_set_requires_grad(lt_tensor tensor, int32_t value) {
  return guarded([&] {
    at::Tensor& self = view_mutable(tensor);
    if (value != 0 && !at::isFloatingType(self.scalar_type()) && !at::isComplexType(self.scalar_type())) {
      throw Failure(LT_ARGUMENT, "only floating-point and complex tensors have gradients");
    }
    if (value == 0 && !self.is_leaf()) {
      throw Failure(LT_ARGUMENT, "only leaves can stop requiring gradients; detach the tensor instead");
    }
    self.set_requires_grad(value != 0);
  });
}

int32_t lt_is_leaf(lt_tensor tensor) {
  return view(tensor).is_leaf() ? 1 : 0;
}

lt_status lt_retain_grad(lt_tensor tensor) {
  return guarded([&] { view(tensor).retain_grad(); });
}

lt_status lt_grad(lt_tensor tensor, lt_tensor* gradient) {
  return guarded([&] {
    const at::Tensor& self = view(tensor);
    // libtorch warns about gradients of other tensors, which it doesn't keep.
    *gradient = self.is_leaf() || self.retains_grad() ? give(self.grad()) : nullptr;
  });
}

lt_status lt_set_grad(lt_tensor tensor, lt_tensor gradient) {
  return guarded([&] {
    const at::Tensor& self = view(tensor);
    const at::Tensor& wanted = view(gradient);
    if (wanted.defined() && (wanted.sizes() != self.sizes() || wanted.scalar_type() != self.scalar_type() ||
                             wanted.device() != self.device())) {
      throw Failure(LT_ARGUMENT, "a gradient has the shape, dtype and device of its tensor");
    }
    self.mutable_grad() = wanted;
  });
}

lt_status lt_grad_function(lt_tensor tensor, char** name) {
  return guarded([&] {
    const auto& function = view(tensor).grad_fn();
    *name = function == nullptr ? nullptr : text_of(function->name());
  });
}

lt_status lt_backward(const lt_tensor* outputs, const lt_tensor* gradients, int32_t count, const lt_tensor* inputs,
                      int32_t input_count, int32_t retain_graph, int32_t create_graph) {
  return guarded([&] {
    if (count == 1 && input_count == 0 && create_graph == 0 &&
        quick_backward(view(outputs[0]), gradients == nullptr ? undefined() : view(gradients[0]),
                       retain_graph != 0)) {
      return;
    }
    torch::autograd::backward(tensors_of(outputs, count), gradients_of(gradients, count), retain_graph != 0,
                              create_graph != 0, tensors_of(inputs, input_count));
  });
}

lt_status lt_gradients(const lt_tensor* outputs, const lt_tensor* gradients, int32_t count, const lt_tensor* inputs,
                       int32_t input_count, int32_t retain_graph, int32_t create_graph, int32_t allow_unused,
                       lt_tensor* results) {
  return guarded([&] {
    auto found = torch::autograd::grad(tensors_of(outputs, count), tensors_of(inputs, input_count),
                                       gradients_of(gradients, count), retain_graph != 0, create_graph != 0,
                                       allow_unused != 0);
    for (size_t i = 0; i < found.size(); i++) {
      results[i] = give(std::move(found[i]));
    }
  });
}

int32_t lt_grad_enabled(void) {
  return at::GradMode::is_enabled() ? 1 : 0;
}

void lt_set_grad_enabled(int32_t enabled) {
  at::GradMode::set_enabled(enabled != 0);
}

lt_status lt_inference_begin(void** guard) {
  return guarded([&] { *guard = new c10::InferenceMode(true); });
}

void lt_inference_end(void* guard) {
  delete static_cast<c10::InferenceMode*>(guard);
}

lt_status lt_hook_add(lt_tensor tensor, lt_gradient_hook hook, void* context, void (*release)(void*), uint32_t* id) {
  return guarded([&] {
    auto owner = std::make_shared<Context>(context, release);
    *id = view(tensor).register_hook([hook, owner](const at::Tensor& gradient) -> at::Tensor {
      lt_tensor replacement = nullptr;
      const lt_status status =
          hook(owner->get(), reinterpret_cast<lt_tensor>(gradient.unsafeGetTensorImpl()), &replacement);
      at::Tensor replaced = take(replacement);
      check_callback(status);
      return replaced.defined() ? replaced : gradient;
    });
  });
}

lt_status lt_hook_remove(lt_tensor tensor, uint32_t id) {
  return guarded([&] { view(tensor).remove_hook(id); });
}

lt_status lt_function_attach(const lt_tensor* inputs, int32_t input_count, const lt_tensor* outputs,
                             int32_t output_count, lt_backward_function backward, void* context,
                             void (*release)(void*)) {
  return guarded([&] {
    auto owner = std::make_shared<Context>(context, release);
    const variable_list given = tensors_of(inputs, input_count);
    if (!at::GradMode::is_enabled() || !torch::autograd::compute_requires_grad(given)) {
      return;
    }
    auto node = new_node<CallbackNode>(backward, std::move(owner), given.size());
    node->set_next_edges(torch::autograd::collect_next_edges(given));
    for (int32_t i = 0; i < output_count; i++) {
      torch::autograd::set_history(view_mutable(outputs[i]), node);
    }
  });
}

lt_status lt_zero_gradients(const lt_tensor* tensors, int32_t count, int32_t to_none) {
  return guarded([&] {
    for (int32_t i = 0; i < count; i++) {
      at::Tensor& gradient = view(tensors[i]).mutable_grad();
      if (!gradient.defined()) {
        continue;
      }
      if (to_none != 0) {
        gradient.reset();
        continue;
      }
      if (gradient.grad_fn()) {
        gradient.detach_();
      } else {
        gradient.set_requires_grad(false);
      }
      at::NoGradGuard no_grad;
      gradient.zero_();
    }
  });
}

lt_status lt_clip_gradients(const lt_tensor* tensors, int32_t count, double norm, double p, double* total) {
  return guarded([&] {
    at::NoGradGuard no_grad;
    std::vector<at::Tensor> gradients;
    std::vector<at::Tensor> norms;
    for (int32_t i = 0; i < count; i++) {
      const at::Tensor& gradient = view(tensors[i]).grad();
      if (gradient.defined()) {
        gradients.push_back(gradient);
        norms.push_back(at::norm(gradient, p));
      }
    }
    if (gradients.empty()) {
      *total = 0;
      return;
    }
    for (auto& part : norms) {
      part = part.to(norms[0].device());
    }
    *total = at::norm(at::stack(norms), p).item().toDouble();
    const double scale = norm / (*total + 1e-6);
    if (scale < 1) {
      for (auto& gradient : gradients) {
        gradient.mul_(scale);
      }
    }
  });
}

} // extern "C"
