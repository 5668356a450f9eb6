// Process groups and the work of their collectives.
#include "collectives.h"
#include "dense.h"
#include "shared.h"
#include "transport.h"

#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <algorithm>
#include <atomic>
#include <mutex>

using namespace lepton;

namespace {

using Milliseconds = std::chrono::milliseconds;
using Tensors = std::vector<at::Tensor>;

#if TORCH_VERSION_MAJOR >= 2
using Kind = c10d::ProcessGroup::BackendType;

c10::intrusive_ptr<c10d::ProcessGroup> group_of(lt_store store, int32_t rank, int32_t size, Kind kind) {
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 6
  auto group = c10::make_intrusive<c10d::ProcessGroup>(counted<c10d::Store>(store), rank, size);
  group->setDefaultBackend(kind);
  return group;
#else
  return c10::make_intrusive<c10d::ProcessGroup>(
      counted<c10d::Store>(store), rank, size,
      c10::make_intrusive<c10d::ProcessGroup::Options>(kind == Kind::GLOO ? "gloo" : "nccl"));
#endif
}
#endif

using Count = std::shared_ptr<std::atomic<int64_t>>;

// Counts what a reducer begins within backward, and tells nobody of; the same by others counts too.
template <class Base>
class Counted : public Base {
 public:
  template <class... Arguments>
  explicit Counted(Count begun, Arguments&&... arguments)
      : Base(std::forward<Arguments>(arguments)...), begun_(std::move(begun)) {}

  c10::intrusive_ptr<c10d::Work> allreduce(Tensors& tensors, const c10d::AllreduceOptions& options) override {
    begun_->fetch_add(1);
    return Base::allreduce(tensors, options);
  }

  c10::intrusive_ptr<c10d::Work> broadcast(Tensors& tensors, const c10d::BroadcastOptions& options) override {
    begun_->fetch_add(1);
    return Base::broadcast(tensors, options);
  }

 protected:
  const Count begun_;
};

lt_group grouped(c10::intrusive_ptr<Backend> backend, Count begun, lt_store store, int32_t rank, int32_t size,
                 bool is_gloo) {
  auto group = std::make_unique<lt_group_impl>();
  group->begun = std::move(begun);
  group->rank = rank;
  group->size = size;
#if TORCH_VERSION_MAJOR >= 2
  const Kind kind = is_gloo ? Kind::GLOO : Kind::NCCL;
  group->group = group_of(store, rank, size, kind);
  group->group->setBackend(is_gloo ? c10::DeviceType::CPU : c10::DeviceType::CUDA, kind, backend);
#else
  (void)store;
  group->group = backend;
#endif
  (is_gloo ? group->gloo : group->nccl) = std::move(backend);
  return group.release();
}

#ifdef USE_C10D_NCCL
c10::intrusive_ptr<Backend> nccl_of(Count begun, lt_store store, int32_t rank, int32_t size, int64_t timeout_ms) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = Milliseconds(timeout_ms);
  return c10::make_intrusive<Counted<c10d::ProcessGroupNCCL>>(std::move(begun), counted<c10d::Store>(store), rank, size,
                                                              std::move(options));
}
#endif

c10d::ReduceOp reduction_of(int32_t operation) {
  switch (operation) {
    case LT_REDUCE_SUM: return c10d::ReduceOp::SUM;
    case LT_REDUCE_AVG: return c10d::ReduceOp::AVG;
    case LT_REDUCE_PRODUCT: return c10d::ReduceOp::PRODUCT;
    case LT_REDUCE_MIN: return c10d::ReduceOp::MIN;
    case LT_REDUCE_MAX: return c10d::ReduceOp::MAX;
    default: throw Failure(LT_ARGUMENT, "there is no reduction " + std::to_string(operation));
  }
}

template <class Options>
Options with_timeout(int64_t timeout_ms) {
  Options options;
  if (timeout_ms >= 0) {
    options.timeout = Milliseconds(timeout_ms);
  }
  return options;
}

template <class F>
lt_status started(lt_work* work, F&& body) {
  return guarded([&] { *work = give_counted<lt_work>(c10::intrusive_ptr<c10d::Work>(body())); });
}

// Where the backend can't average, the parts are divided first: so the sum can't overflow where the mean doesn't.
c10d::ReduceOp averaged(const lt_group_impl& group, int32_t operation, Tensors& tensors) {
  if (operation != LT_REDUCE_AVG || tensors.empty() || group.takes_nccl(tensors[0])) {
    return reduction_of(operation);
  }
  at::NoGradGuard no_grad;
  for (auto& tensor : tensors) {
    tensor.div_(group.size);
  }
  return c10d::ReduceOp::SUM;
}

// A reduce-scatter for backends without one: each rank gets its part of everybody's tensor, and adds the parts up when
// it is waited for. It moves as many bytes as a reduce-scatter does.
class ExchangeWork : public c10d::Work {
 public:
  ExchangeWork(c10::intrusive_ptr<c10d::Work> exchange, at::Tensor sent, at::Tensor received, at::Tensor output,
               int32_t operation)
      : exchange_(std::move(exchange)),
        sent_(std::move(sent)),
        received_(std::move(received)),
        output_(std::move(output)),
        operation_(operation) {}

  bool isCompleted() override { return exchange_->isCompleted(); }
  bool isSuccess() const override { return exchange_->isSuccess(); }
  std::exception_ptr exception() const override { return exchange_->exception(); }
  Tensors result() override { return {output_}; }

  bool wait(Milliseconds timeout) override {
    exchange_->wait(timeout);
    const std::lock_guard<std::mutex> lock(reduction_);
    if (received_.defined()) {
      at::NoGradGuard no_grad;
      output_.copy_(reduced());
      received_.reset();
      sent_.reset();
    }
    return true;
  }

 private:
  at::Tensor reduced() const {
    switch (operation_) {
      case LT_REDUCE_AVG: return received_.sum(0).div_(received_.size(0));
      case LT_REDUCE_PRODUCT: return received_.prod(0);
      case LT_REDUCE_MIN: return received_.amin(0);
      case LT_REDUCE_MAX: return received_.amax(0);
      default: return received_.sum(0, false, received_.scalar_type());
    }
  }

  c10::intrusive_ptr<c10d::Work> exchange_;
  at::Tensor sent_;
  at::Tensor received_;
  at::Tensor output_;
  int32_t operation_;
  std::mutex reduction_;
};

c10::intrusive_ptr<c10d::Work> exchange_and_reduce(lt_group_impl& group, const at::Tensor& output, Tensors inputs,
                                                   int32_t operation, int64_t timeout_ms) {
  at::NoGradGuard no_grad;
  for (const auto& input : inputs) {
    if (input.sizes() != output.sizes() || input.scalar_type() != output.scalar_type()) {
      throw Failure(LT_ARGUMENT, "the parts to be reduced must have the shape and dtype of the output");
    }
  }
  at::Tensor sent = at::stack(inputs);
  at::Tensor received = at::empty_like(sent);
  std::vector<int64_t> even;
  auto work = group.backend_of(sent).alltoall_base(received, sent, even, even,
                                           with_timeout<c10d::AllToAllOptions>(timeout_ms));
  return c10::make_intrusive<ExchangeWork>(std::move(work), sent, received, output, operation);
}

#ifdef USE_C10D_GLOO
// Gloo with sums through shared memory where all ranks are on one machine. In libtorch 2.x a work has more arguments,
// which change from version to version; there it is plain Gloo.
#if TORCH_VERSION_MAJOR < 2
class LocalGroup final : public Counted<c10d::ProcessGroupGloo> {
 public:
  LocalGroup(Count begun, const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
             c10::intrusive_ptr<Options> options, bool shares_memory)
      : Counted(std::move(begun), store, rank, size, options) {
    if (shares_memory) {
      region_ = SharedRegion::open(*store, rank, size, options->timeout);
    }
  }

  c10::intrusive_ptr<c10d::Work> allreduce(Tensors& tensors, const c10d::AllreduceOptions& options) override {
    if (region_ == nullptr || tensors.size() != 1 || options.reduceOp != c10d::ReduceOp::SUM ||
        !SharedRegion::takes(tensors[0])) {
      return Counted::allreduce(tensors, options);
    }
    begun_->fetch_add(1);
    auto work = c10::make_intrusive<SumWork>(region_, tensors);
    enqueue(work);
    return work;
  }

 private:
  class SumWork final : public AsyncWork {
   public:
    SumWork(std::shared_ptr<SharedRegion> region, Tensors& tensors)
        : AsyncWork({tensors}, "lepton:all_reduce", tensors),
          region_(std::move(region)),
          sequence_(region_->next()),
          tensor_(tensors[0]) {}

    void run() override { region_->sum(sequence_, tensor_); }

   private:
    std::shared_ptr<SharedRegion> region_;
    uint64_t sequence_;
    at::Tensor tensor_;
  };

  std::shared_ptr<SharedRegion> region_;
};
#endif
#endif

} // namespace

extern "C" {

lt_status lt_group_gloo(lt_store store, int32_t rank, int32_t size, int64_t timeout_ms, const char* host,
                        int32_t threads, int32_t shares_memory, int64_t send_bytes_per_second,
                        lt_group* result) {
  return guarded([&] {
#ifdef USE_C10D_GLOO
    auto options = c10d::ProcessGroupGloo::Options::create(Milliseconds(timeout_ms));
    auto device = host == nullptr ? c10d::ProcessGroupGloo::createDefaultDevice()
                                  : c10d::ProcessGroupGloo::createDeviceForHostname(host);
    options->threads = threads > 0 ? threads : 2;
    auto begun = std::make_shared<std::atomic<int64_t>>(0);
#if TORCH_VERSION_MAJOR < 2
    auto meter = std::make_shared<LinkMeter>(send_bytes_per_second);
    options->devices.push_back(metered(std::move(device), meter));
    auto backend = c10::make_intrusive<LocalGroup>(begun, counted<c10d::Store>(store), rank, size, std::move(options),
                                                   shares_memory != 0 && send_bytes_per_second == 0);
    *result = grouped(std::move(backend), std::move(begun), store, rank, size, /*is_gloo=*/true);
    (*result)->meter = std::move(meter);
#else
    (void)shares_memory;
    if (send_bytes_per_second != 0) {
      throw Failure(LT_ABSENT, "with this libtorch the transport can't be held to a rate; with 1.13 it can");
    }
    options->devices.push_back(std::move(device));
    auto backend = c10::make_intrusive<Counted<c10d::ProcessGroupGloo>>(begun, counted<c10d::Store>(store), rank, size,
                                                                        std::move(options));
    *result = grouped(std::move(backend), std::move(begun), store, rank, size, /*is_gloo=*/true);
#endif
#else
    throw Failure(LT_ABSENT, "this build has no Gloo");
#endif
  });
}

lt_status lt_group_nccl(lt_store store, int32_t rank, int32_t size, int64_t timeout_ms, lt_group* result) {
  return guarded([&] {
#ifdef USE_C10D_NCCL
    auto begun = std::make_shared<std::atomic<int64_t>>(0);
    auto backend = nccl_of(begun, store, rank, size, timeout_ms);
    *result = grouped(std::move(backend), std::move(begun), store, rank, size, /*is_gloo=*/false);
#else
    (void)store, (void)rank, (void)size, (void)timeout_ms, (void)result;
    throw Failure(LT_ABSENT, "this build has no NCCL");
#endif
  });
}

lt_status lt_group_add_nccl(lt_group group, lt_store store, int64_t timeout_ms) {
  return guarded([&] {
#if defined(USE_C10D_NCCL) && TORCH_VERSION_MAJOR >= 2
    auto backend = nccl_of(group->begun, store, group->rank, group->size, timeout_ms);
    group->group->setBackend(c10::DeviceType::CUDA, Kind::NCCL, backend);
    group->nccl = std::move(backend);
#else
    (void)group, (void)store, (void)timeout_ms;
    throw Failure(LT_ABSENT, "this build has no NCCL beside Gloo");
#endif
  });
}

void lt_group_release(lt_group group) {
  guarded([&] { delete group; });
}

int64_t lt_group_bytes_sent(lt_group group) {
#if defined(USE_C10D_GLOO) && TORCH_VERSION_MAJOR < 2
  return group->meter == nullptr ? -1 : group->meter->bytes_sent();
#else
  (void)group;
  return -1;
#endif
}

int64_t lt_group_begun(lt_group group) {
  return group->begun->load();
}

lt_status lt_all_reduce(lt_group group, const lt_tensor* tensors, int32_t count, int32_t operation,
                        int64_t timeout_ms, lt_work* work) {
  return started(work, [&] {
    if (count == 0) {
      throw Failure(LT_ARGUMENT, "there are no tensors to reduce");
    }
    DenseCopies dense;
    Tensors list = dense.changed(tensors_of(tensors, count));
    if (count == 1) {
      auto options = with_timeout<c10d::AllreduceOptions>(timeout_ms);
      options.reduceOp = averaged(*group, operation, list);
      return dense.finish(group->backend_of(list[0]).allreduce(list, options));
    }
    auto options = with_timeout<c10d::AllreduceCoalescedOptions>(timeout_ms);
    options.reduceOp = averaged(*group, operation, list);
    return dense.finish(group->backend_of(list.front()).allreduce_coalesced(list, options));
  });
}

lt_status lt_reduce(lt_group group, lt_tensor tensor, int32_t root, int32_t operation, int64_t timeout_ms,
                    lt_work* work) {
  return started(work, [&] {
    DenseCopies dense;
    Tensors list{dense.changed(view(tensor))};
    auto options = with_timeout<c10d::ReduceOptions>(timeout_ms);
    options.reduceOp = averaged(*group, operation, list);
    options.rootRank = root;
    return dense.finish(group->backend_of(list[0]).reduce(list, options));
  });
}

lt_status lt_broadcast(lt_group group, lt_tensor tensor, int32_t root, int64_t timeout_ms, lt_work* work) {
  return started(work, [&] {
    DenseCopies dense;
    Tensors list{dense.changed(view(tensor))};
    auto options = with_timeout<c10d::BroadcastOptions>(timeout_ms);
    options.rootRank = root;
    return dense.finish(group->backend_of(list[0]).broadcast(list, options));
  });
}

lt_status lt_all_gather(lt_group group, const lt_tensor* outputs, lt_tensor input, int64_t timeout_ms,
                        lt_work* work) {
  return started(work, [&] {
    DenseCopies dense;
    std::vector<Tensors> lists{dense.changed(tensors_of(outputs, group->size))};
    Tensors inputs{dense.read(view(input))};
    return dense.finish(
        group->backend_of(inputs[0]).allgather(lists, inputs, with_timeout<c10d::AllgatherOptions>(timeout_ms)));
  });
}

lt_status lt_gather_to(lt_group group, const lt_tensor* outputs, lt_tensor input, int32_t root, int64_t timeout_ms,
                       lt_work* work) {
  return started(work, [&] {
    DenseCopies dense;
    std::vector<Tensors> lists;
    if (outputs != nullptr) {
      lists.push_back(dense.changed(tensors_of(outputs, group->size)));
    }
    Tensors inputs{dense.read(view(input))};
    auto options = with_timeout<c10d::GatherOptions>(timeout_ms);
    options.rootRank = root;
    return dense.finish(group->backend_of(inputs[0]).gather(lists, inputs, options));
  });
}

lt_status lt_scatter_from(lt_group group, lt_tensor output, const lt_tensor* inputs, int32_t root,
                          int64_t timeout_ms, lt_work* work) {
  return started(work, [&] {
    DenseCopies dense;
    Tensors outputs{dense.changed(view(output))};
    std::vector<Tensors> lists;
    if (inputs != nullptr) {
      lists.push_back(dense.read(tensors_of(inputs, group->size)));
    }
    auto options = with_timeout<c10d::ScatterOptions>(timeout_ms);
    options.rootRank = root;
    return dense.finish(group->backend_of(outputs[0]).scatter(outputs, lists, options));
  });
}

lt_status lt_reduce_scatter(lt_group group, lt_tensor output, const lt_tensor* inputs, int32_t operation,
                            int64_t timeout_ms, lt_work* work) {
  return started(work, [&]() -> c10::intrusive_ptr<c10d::Work> {
    Tensors parts = tensors_of(inputs, group->size);
    if (!group->takes_nccl(view(output))) {
      return exchange_and_reduce(*group, view(output), std::move(parts), operation, timeout_ms);
    }
    DenseCopies dense;
    Tensors outputs{dense.changed(view(output))};
    std::vector<Tensors> lists{dense.read(std::move(parts))};
    auto options = with_timeout<c10d::ReduceScatterOptions>(timeout_ms);
    options.reduceOp = reduction_of(operation);
    return dense.finish(group->backend_of(outputs[0]).reduce_scatter(outputs, lists, options));
  });
}

lt_status lt_all_to_all(lt_group group, lt_tensor output, lt_tensor input, const int64_t* output_rows,
                        const int64_t* input_rows, int64_t timeout_ms, lt_work* work) {
  return started(work, [&] {
    std::vector<int64_t> to_output;
    std::vector<int64_t> to_input;
    if (output_rows != nullptr && input_rows != nullptr) {
      to_output.assign(output_rows, output_rows + group->size);
      to_input.assign(input_rows, input_rows + group->size);
    }
    DenseCopies dense;
    at::Tensor coming = dense.changed(view(output));
    at::Tensor going = dense.read(view(input));
    return dense.finish(group->backend_of(going).alltoall_base(
        coming, going, to_output, to_input, with_timeout<c10d::AllToAllOptions>(timeout_ms)));
  });
}

lt_status lt_send(lt_group group, lt_tensor tensor, int32_t destination, int32_t tag, lt_work* work) {
  return started(work, [&] {
    Tensors list{DenseCopies().read(view(tensor))};
    return group->backend_of(list[0]).send(list, destination, tag);
  });
}

lt_status lt_receive(lt_group group, lt_tensor tensor, int32_t source, int32_t tag, lt_work* work) {
  return started(work, [&] {
    DenseCopies dense;
    Tensors list{dense.changed(view(tensor))};
    Backend& backend = group->backend_of(list[0]);
    return dense.finish(source < 0 ? backend.recvAnysource(list, tag) : backend.recv(list, source, tag));
  });
}

lt_status lt_barrier(lt_group group, int64_t timeout_ms, lt_work* work) {
  return started(work, [&] {
    Backend& backend = group->gloo != nullptr ? *group->gloo : *group->nccl;
    return backend.barrier(with_timeout<c10d::BarrierOptions>(timeout_ms));
  });
}

void lt_work_release(lt_work work) {
  release_counted<c10d::Work>(work);
}

int32_t lt_work_is_completed(lt_work work) {
  return raw<c10d::Work>(work).isCompleted() ? 1 : 0;
}

lt_status lt_work_wait(lt_work work, int64_t timeout_ms) {
  return guarded([&] {
    if (!raw<c10d::Work>(work).wait(Milliseconds(timeout_ms))) {
      throw Failure(LT_CONNECTION, "the collective was aborted");
    }
  });
}

lt_status lt_work_abort(lt_work work) {
  return guarded([&] { raw<c10d::Work>(work).abort(); });
}

lt_status lt_work_source(lt_work work, int32_t* rank) {
  return guarded([&] { *rank = raw<c10d::Work>(work).sourceRank(); });
}

lt_status lt_work_future(lt_work work, lt_future* result) {
  return guarded([&] { *result = give_counted<lt_future>(raw<c10d::Work>(work).getFuture()); });
}

} // extern "C"
