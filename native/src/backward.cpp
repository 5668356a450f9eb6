#include "backward.h"

#include "small.h"

#include <ATen/core/grad_mode.h>
#include <c10/util/flat_hash_map.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <memory>

namespace lepton {

namespace {

using torch::autograd::Node;
using torch::autograd::variable_list;

struct Step {
  Node* node;
  int32_t waits_for;
  uint32_t first_edge; // in Graph::targets_
  variable_list gradients;
};

constexpr uint32_t nowhere = UINT32_MAX;

bool is_hooked(Node& node) {
#if TORCH_VERSION_MAJOR >= 2
  if (!node.tensor_pre_hooks().empty() || !node.retains_grad_hooks().empty()) {
    return true;
  }
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 1
  if (node.tensor_post_acc_grad_hooks() != nullptr) {
    return true;
  }
#endif
#endif
  return !node.pre_hooks().empty() || !node.post_hooks().empty();
}

bool is_on_cpu(const Node& node) {
  for (uint32_t i = 0; i < node.num_inputs(); i++) {
    if (!node.input_metadata(i).device().is_cpu() || node.input_metadata(i).is_tensor_subclass()) {
      return false;
    }
  }
  return true;
}

class Graph {
 public:
  // Finds all nodes behind the root and how often each is waited for; false where one of them needs the engine.
  bool find(Node* root) {
    place_of(root);
    for (size_t i = 0; i < steps_.size(); i++) {
      Node* node = steps_[i].node;
      if (is_hooked(*node) || !is_on_cpu(*node)) {
        return false;
      }
      steps_[i].first_edge = static_cast<uint32_t>(targets_.size());
      for (const auto& edge : node->next_edges()) {
        const uint32_t place = edge.is_valid() ? place_of(edge.function.get()) : nowhere;
        targets_.push_back(place);
        if (place != nowhere) {
          steps_[place].waits_for++;
        }
      }
    }
    return true;
  }

  // Forgets the graph and keeps the memory for the next one.
  void clear() {
    places_.clear();
    steps_.clear();
    targets_.clear();
    ready_.clear();
  }

  void run(at::Tensor gradient, bool keep_graph) {
    steps_[0].gradients.resize(steps_[0].node->num_inputs());
    steps_[0].gradients[root_output_] = std::move(gradient);
    make_ready(0);
    while (!ready_.empty()) {
      std::pop_heap(ready_.begin(), ready_.end());
      const uint32_t place = ready_.back().second;
      ready_.pop_back();
      Node& node = *steps_[place].node;
      steps_[place].gradients.resize(node.num_inputs());
      variable_list results = node(std::move(steps_[place].gradients));
      if (!keep_graph) {
        node.release_variables();
      }
      hand_on(node, &targets_[steps_[place].first_edge], results);
    }
  }

  void set_root_output(uint32_t output) { root_output_ = output; }

 private:
  uint32_t place_of(Node* node) {
    const auto found = places_.emplace(node, static_cast<uint32_t>(steps_.size()));
    if (found.second) {
      steps_.push_back(Step{node, 0, 0, {}});
    }
    return found.first->second;
  }

  // The engine runs what was recorded last first; leaves, whose number is the highest, as soon as they can.
  void make_ready(uint32_t place) {
    ready_.emplace_back(steps_[place].node->sequence_nr(), place);
    std::push_heap(ready_.begin(), ready_.end());
  }

  void hand_on(Node& node, const uint32_t* targets, variable_list& results) {
    const auto& edges = node.next_edges();
    if (results.size() < edges.size()) {
      throw Failure(LT_FAILED, "Function " + node.name() + " returned an invalid number of gradients - got " +
                                   std::to_string(results.size()) + ", but expected " + std::to_string(edges.size()));
    }
    for (size_t i = 0; i < edges.size(); i++) {
      const auto& edge = edges[i];
      const uint32_t place = targets[i];
      if (place == nowhere) {
        continue;
      }
      Step& next = steps_[place];
      if (results[i].defined()) {
        fit(node, i, edge, results[i]);
        if (next.gradients.empty()) {
          next.gradients.resize(edge.function->num_inputs());
        }
        add(next.gradients[edge.input_nr], std::move(results[i]));
      }
      if (--next.waits_for == 0) {
        make_ready(place);
      }
    }
  }

  // A gradient has its tensor's shape, dtype and device: it is summed to the shape, and converted.
  static void fit(Node& node, size_t index, const torch::autograd::Edge& edge, at::Tensor& gradient) {
    const auto& wanted = edge.function->input_metadata(edge.input_nr);
    if (!wanted.is_same_shape(gradient)) {
      if (!wanted.is_expandable_to_shape(gradient)) {
        throw Failure(LT_FAILED, "Function " + node.name() + " " +
                                     wanted.incompatible_shape_error_message(index, gradient).str());
      }
      gradient = wanted.reduce_grad(gradient);
    }
    if (gradient.dtype() != wanted.dtype() && !gradient.is_sparse()) {
      gradient = gradient.to(c10::typeMetaToScalarType(wanted.dtype()));
    }
    if (gradient.device() != wanted.device() && gradient.dim() != 0) {
      throw Failure(LT_FAILED, "Function " + node.name() + " returned a gradient on device " +
                                   gradient.device().str() + ", but expected device " + wanted.device().str());
    }
  }

  static void add(at::Tensor& sum, at::Tensor&& gradient) {
    if (!sum.defined()) {
      sum = std::move(gradient);
    } else if (sum.scalar_type() == gradient.scalar_type() && sum.sizes() == gradient.sizes() && is_small(sum) &&
               is_small(gradient)) {
      sum = small_sum(std::move(sum), gradient);
    } else if (sum.is_sparse()) {
      sum = gradient + sum;
    } else {
      sum = sum + gradient;
    }
  }

  ska::flat_hash_map<Node*, uint32_t> places_;
  std::vector<Step> steps_;
  std::vector<uint32_t> targets_;
  std::vector<std::pair<uint64_t, uint32_t>> ready_;
  uint32_t root_output_ = 0;
};

} // namespace

bool quick_backward(const at::Tensor& output, const at::Tensor& gradient, bool keep_graph) {
  const auto& function = output.grad_fn();
  if (function == nullptr || !output.device().is_cpu() || torch::autograd::AnomalyMode::is_enabled()) {
    return false;
  }
  at::Tensor root = gradient;
  if (!root.defined()) {
    if (output.numel() != 1 || !at::isFloatingType(output.scalar_type())) {
      return false;
    }
    root = at::ones_like(output, at::MemoryFormat::Preserve);
  } else if (root.sizes() != output.sizes() || root.scalar_type() != output.scalar_type() ||
             !root.device().is_cpu() || root.layout() != output.layout()) {
    return false;
  }
  // A backward within a node of another one takes a graph of its own.
  static thread_local std::unique_ptr<Graph> spare;
  std::unique_ptr<Graph> graph = spare != nullptr ? std::move(spare) : std::make_unique<Graph>();
  graph->clear();
  const bool found = graph->find(function.get());
  if (found) {
    graph->set_root_output(output.output_nr());
    at::AutoGradMode nothing_is_recorded(false);
    graph->run(std::move(root), keep_graph);
  }
  graph->clear();
  spare = std::move(graph);
  return found;
}

} // namespace lepton
