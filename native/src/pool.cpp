#include "pool.h"

#include <c10/core/CPUAllocator.h>
#include <torch/version.h>

#include <array>
#include <cstdlib>
#include <new>
#include <utility>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace lepton {

namespace {

#ifdef __GLIBC__
// glibc gives freed memory back to the system when a few megabytes of it lie at the heap's end, and takes blocks of
// some megabytes straight from there. A training step frees all that it made and makes it again: the system then
// cleared each page anew in each step, which took most of a small convolution's time. So what was freed is kept, up to
// a bound.
// Whoever sets glibc's own variables has the last word.
constexpr int mapped_alone_from = 256 * 1024 * 1024;
constexpr int kept_at_heap_end = 1024 * 1024 * 1024;

bool keep_freed_memory() {
  for (const char* variable : {"MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"}) {
    if (std::getenv(variable) != nullptr) {
      return false;
    }
  }
  return mallopt(M_MMAP_THRESHOLD, mapped_alone_from) == 1 && mallopt(M_TRIM_THRESHOLD, kept_at_heap_end) == 1;
}

[[maybe_unused]] const bool keeps_freed_memory = keep_freed_memory();
#endif

constexpr size_t alignment = 64;
constexpr size_t largest = 4096;
constexpr size_t classes = largest / alignment;

// How much a thread keeps for later, all sizes together: some thousand tensors of a step.
constexpr size_t kept_bytes = 16 * 1024 * 1024;

struct Block {
  Block* next;
};

// Free blocks of each size, of one thread. A block that another thread frees goes to that one's lists.
class Lists {
 public:
  ~Lists() {
    is_over_ = true;
    for (size_t i = 0; i < classes; i++) {
      while (first_[i] != nullptr) {
        std::free(std::exchange(first_[i], first_[i]->next));
      }
    }
  }

  void* take(size_t size_class) {
    Block* block = first_[size_class];
    if (block != nullptr) {
      first_[size_class] = block->next;
      kept_ -= (size_class + 1) * alignment;
      return block;
    }
    void* memory = nullptr;
    if (posix_memalign(&memory, alignment, (size_class + 1) * alignment) != 0) {
      throw std::bad_alloc();
    }
    return memory;
  }

  void give(void* memory, size_t size_class) {
    // Tensors may outlive their thread's lists.
    if (is_over_ || kept_ >= kept_bytes) {
      std::free(memory);
      return;
    }
    first_[size_class] = new (memory) Block{first_[size_class]};
    kept_ += (size_class + 1) * alignment;
  }

 private:
  std::array<Block*, classes> first_{};
  size_t kept_ = 0;
  bool is_over_ = false;
};

thread_local Lists lists;

template <size_t size_class>
void give_back(void* memory) {
  lists.give(memory, size_class);
}

template <size_t... size_class>
constexpr std::array<c10::DeleterFnPtr, classes> deleters_of(std::index_sequence<size_class...>) {
  return {&give_back<size_class>...};
}

constexpr auto deleters = deleters_of(std::make_index_sequence<classes>());

class SmallAllocator final : public c10::Allocator {
 public:
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
  c10::DataPtr allocate(size_t bytes) override { return made(bytes); }
  void copy_data(void* target, const void* source, size_t bytes) const override {
    default_copy_data(target, source, bytes);
  }
#else
  c10::DataPtr allocate(size_t bytes) const override { return made(bytes); }
#endif

 private:
  static c10::DataPtr made(size_t bytes) {
    if (bytes == 0 || bytes > largest) {
      return c10::GetCPUAllocator()->allocate(bytes);
    }
    const size_t size_class = (bytes - 1) / alignment;
    void* memory = lists.take(size_class);
    return {memory, memory, deleters[size_class], c10::Device(c10::DeviceType::CPU)};
  }
};

} // namespace

c10::Allocator* small_allocator() {
  // Never freed: the last tensor may go after everything else.
  static auto* allocator = new SmallAllocator();
  return allocator;
}

} // namespace lepton
