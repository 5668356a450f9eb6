// Memory of small tensors from lists by thread, where aligned memory of the C library costs more than their arithmetic.
#pragma once

#include <c10/core/Allocator.h>

namespace lepton {

// An allocator for the results of small operators; what is larger comes from libtorch's own.
c10::Allocator* small_allocator();

} // namespace lepton
