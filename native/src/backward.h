// Backward without libtorch's engine, for graphs that need none of what it does besides.
#pragma once

#include "common.h"

namespace lepton {

// Runs backward from one output where the graph is on the CPU alone, and nobody hooked in anywhere. Gives false, with
// nothing done, where that isn't so. The nodes run in the engine's own order, and gradients are added up in it, so the
// bits are the same.
bool quick_backward(const at::Tensor& output, const at::Tensor& gradient, bool keep_graph);

} // namespace lepton
