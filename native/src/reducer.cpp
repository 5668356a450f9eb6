// The reduction of gradients in buckets, overlapped with backward: c10d's Reducer.
#include "collectives.h"

#include <torch/csrc/distributed/c10d/comm.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>

#include <algorithm>
#include <type_traits>

using namespace lepton;

struct lt_reducer_impl {
  std::shared_ptr<c10d::Reducer> reducer;
  bool find_unused;
};

namespace {

class CallbackHook : public c10d::CommHookInterface {
 public:
  CallbackHook(lt_bucket_hook hook, std::shared_ptr<Context> context) : hook_(hook), context_(std::move(context)) {}

  c10::intrusive_ptr<Future> runHook(c10d::GradBucket& bucket) override {
    const auto parameters = bucket.getParameters();
    std::vector<lt_tensor> handles;
    handles.reserve(parameters.size());
    for (const auto& parameter : parameters) {
      handles.push_back(reinterpret_cast<lt_tensor>(parameter.unsafeGetTensorImpl()));
    }
    lt_bucket told;
    told.index = static_cast<int64_t>(bucket.getIndex());
    told.is_last = bucket.isLast() ? 1 : 0;
    told.parameter_count = static_cast<int32_t>(handles.size());
    told.buffer = reinterpret_cast<lt_tensor>(bucket.getBuffer().unsafeGetTensorImpl());
    told.parameters = handles.data();
    lt_future future = nullptr;
    const lt_status status = hook_(context_->get(), &told, &future);
    auto made = c10::intrusive_ptr<Future>::reclaim(reinterpret_cast<Future*>(future));
    check_callback(status);
    return made;
  }

  at::Tensor parseHookResult(const c10::IValue& result) override { return tensor_of(result); }

 private:
  lt_bucket_hook hook_;
  std::shared_ptr<Context> context_;
};

using Tensors = std::vector<at::Tensor>;
using Buckets = std::vector<std::vector<size_t>>;
using Limits = std::vector<size_t>;
using Names = std::unordered_map<size_t, std::string>;
using Group = c10::intrusive_ptr<c10d::ProcessGroup>;
using Marks = std::vector<bool>;
using Caps = std::vector<int64_t>;

// Which arguments the reducer takes has changed between minor versions: so the compiler looks, not a number.
template <class Reducer, class... More>
constexpr bool takes =
    std::is_constructible_v<Reducer, Tensors, Buckets, Group, Marks, int64_t, bool, bool, Names, int64_t, More...>;

template <class Reducer>
std::shared_ptr<Reducer> reducer_of(Tensors list, Buckets buckets, Limits limits, const Group& group, Names names,
                                    const lt_reducer_options& options) {
  const Marks sparse(list.size(), false);
  const int64_t cap = options.bucket_bytes;
  const int64_t first_cap = options.first_bucket_bytes;
  const bool find_unused = options.find_unused != 0;
  const bool as_views = options.gradients_as_views != 0;
  const auto made = [&](auto... more) {
    return std::make_shared<Reducer>(std::move(list), std::move(buckets), group, sparse, cap, find_unused, as_views,
                                     std::move(names), first_cap, more...);
  };
  // The two: whether gradients that no rank has are left out of the reduction, and whether Python reduces.
  if constexpr (takes<Reducer, bool, bool, Caps>) {
    return made(false, false, Caps{first_cap, cap});
  } else if constexpr (takes<Reducer, bool, bool>) {
    return made(false, false);
  } else if constexpr (takes<Reducer, bool>) {
    return made(false);
  } else if constexpr (takes<Reducer>) {
    return made();
  } else {
    return std::make_shared<Reducer>(std::move(list), std::move(buckets), std::move(limits), group, sparse, cap,
                                     find_unused, as_views, std::move(names), first_cap);
  }
}

std::unordered_map<size_t, std::string> names_of(const char* const* names, int32_t count) {
  std::unordered_map<size_t, std::string> map;
  for (int32_t i = 0; names != nullptr && i < count; i++) {
    map[i] = names[i];
  }
  return map;
}

} // namespace

extern "C" {

lt_status lt_reducer_new(const lt_tensor* parameters, const char* const* names, int32_t count, lt_group group,
                         const lt_reducer_options* options, lt_reducer* result) {
  return guarded([&] {
    auto list = tensors_of(parameters, count);
    c10d::verify_params_across_processes(group->group, list, c10::nullopt);
    std::vector<std::vector<size_t>> buckets;
    std::vector<size_t> limits;
    std::tie(buckets, limits) = c10d::compute_bucket_assignment_by_size(
        list, {static_cast<size_t>(options->first_bucket_bytes), static_cast<size_t>(options->bucket_bytes)},
        std::vector<bool>(list.size(), false));
    // Gradients come in the reverse order of the forward, and so do the buckets.
    std::reverse(buckets.begin(), buckets.end());
    std::reverse(limits.begin(), limits.end());
    auto made = std::make_unique<lt_reducer_impl>();
    made->find_unused = options->find_unused != 0;
    made->reducer = reducer_of<c10d::Reducer>(std::move(list), std::move(buckets), std::move(limits), group->group,
                                              names_of(names, count), *options);
    if (options->static_graph != 0) {
      made->reducer->set_static_graph();
    }
    *result = made.release();
  });
}

void lt_reducer_release(lt_reducer reducer) {
  guarded([&] { delete reducer; });
}

lt_status lt_reducer_before_forward(lt_reducer reducer) {
  return guarded([&] {
    reducer->reducer->prepare_for_forward();
    reducer->reducer->rebuild_buckets();
  });
}

lt_status lt_reducer_before_backward(lt_reducer reducer, const lt_tensor* outputs, int32_t count) {
  return guarded([&] {
    reducer->reducer->prepare_for_backward(reducer->find_unused ? tensors_of(outputs, count)
                                                                : std::vector<at::Tensor>());
  });
}

lt_status lt_reducer_hook(lt_reducer reducer, lt_bucket_hook hook, void* context, void (*release)(void*)) {
  return guarded([&] {
    auto owner = std::make_shared<Context>(context, release);
    reducer->reducer->register_comm_hook(std::make_unique<CallbackHook>(hook, std::move(owner)));
  });
}

lt_status lt_reducer_builtin_hook(lt_reducer reducer, int32_t kind) {
  return guarded([&] {
    reducer->reducer->register_builtin_comm_hook(kind == 1 ? c10d::BuiltinCommHookType::FP16_COMPRESS
                                                           : c10d::BuiltinCommHookType::ALLREDUCE);
  });
}

lt_status lt_broadcast_coalesced(lt_group group, const lt_tensor* tensors, int32_t count, int64_t bucket_bytes,
                                 int32_t root) {
  return guarded([&] {
    at::NoGradGuard no_grad;
    const auto list = tensors_of(tensors, count);
    c10d::broadcast_coalesced(group->group, list, static_cast<size_t>(bucket_bytes), root);
  });
}

} // extern "C"
