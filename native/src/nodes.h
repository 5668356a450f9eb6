// Nodes of autograd's graph, which are counted by std::shared_ptr in some versions of libtorch and by themselves in
// others: the compiler sees which by what an edge holds.
#pragma once

#include "common.h"

#include <torch/csrc/autograd/edge.h>
#include <torch/csrc/autograd/function.h>

#include <memory>
#include <type_traits>
#include <utility>

namespace lepton {

template <class Pointer>
constexpr bool is_shared = std::is_same_v<Pointer, std::shared_ptr<torch::autograd::Node>>;

template <class Node, class Pointer = decltype(torch::autograd::Edge::function), class... Arguments>
auto new_node(Arguments&&... arguments) {
  if constexpr (is_shared<Pointer>) {
    // libtorch's own way to free a node, which keeps deep graphs off the stack.
    return std::shared_ptr<Node>(new Node(std::forward<Arguments>(arguments)...), [](Node* node) { deleteNode(node); });
  } else {
    return c10::make_intrusive<Node>(std::forward<Arguments>(arguments)...);
  }
}

// A pointer to a node that runs.
template <class Node, class Pointer = decltype(torch::autograd::Edge::function)>
Pointer pointer_to(Node* node) {
  if constexpr (is_shared<Pointer>) {
    return node->shared_from_this();
  } else {
    return Pointer::reclaim_copy(node);
  }
}

} // namespace lepton
