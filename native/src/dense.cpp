#include "dense.h"

#include <ATen/MemoryOverlap.h>

#include <mutex>

namespace lepton {

namespace {

using Tensors = std::vector<at::Tensor>;

bool is_dense(const at::Tensor& tensor) {
  return tensor.layout() != at::kStrided || (tensor.is_contiguous() && !tensor.is_conj() && !tensor.is_neg());
}

at::Tensor copy_of(const at::Tensor& tensor) {
  at::NoGradGuard no_grad;
  return at::empty(tensor.sizes(), tensor.options()).copy_(tensor);
}

class DenseWork final : public c10d::Work {
 public:
  DenseWork(c10::intrusive_ptr<c10d::Work> inner, std::vector<std::pair<at::Tensor, at::Tensor>> changed,
            Tensors results)
      : inner_(std::move(inner)), copies_(std::make_shared<Copies>(std::move(changed))), results_(std::move(results)) {}

  bool isCompleted() override { return inner_->isCompleted(); }
  bool isSuccess() const override { return inner_->isSuccess(); }
  std::exception_ptr exception() const override { return inner_->exception(); }
  int sourceRank() const override { return inner_->sourceRank(); }
  Tensors result() override { return results_; }
  void abort() override { inner_->abort(); }

  void synchronize() override {
    inner_->synchronize();
    take_over();
  }

  bool wait(std::chrono::milliseconds timeout) override {
    const bool is_done = inner_->wait(timeout);
    if (is_done) {
      take_over();
    }
    return is_done;
  }

  c10::intrusive_ptr<Future> getFuture() override {
    const std::lock_guard<std::mutex> lock(making_);
    if (future_ == nullptr) {
      future_ = inner_->getFuture()->then(
          [copies = copies_, results = results_](Future& done) {
            done.value(); // Throws where the collective failed.
            copies->take_over();
            return c10::IValue(results);
          },
          c10::ListType::ofTensors());
    }
    return future_;
  }

 private:
  class Copies {
   public:
    explicit Copies(std::vector<std::pair<at::Tensor, at::Tensor>> changed) : changed_(std::move(changed)) {}

    // Once: what is in the tensor later is its owner's.
    void take_over() {
      const std::lock_guard<std::mutex> lock(mutex_);
      at::NoGradGuard no_grad;
      for (auto& pair : changed_) {
        pair.first.copy_(pair.second);
      }
      changed_.clear();
    }

   private:
    std::mutex mutex_;
    std::vector<std::pair<at::Tensor, at::Tensor>> changed_;
  };

  void take_over() {
    c10::intrusive_ptr<Future> future;
    {
      const std::lock_guard<std::mutex> lock(making_);
      future = future_;
    }
    if (future != nullptr) {
      // It copies, on a stream of its own where there are streams.
      future->waitAndThrow();
    } else {
      copies_->take_over();
    }
  }

  c10::intrusive_ptr<c10d::Work> inner_;
  std::shared_ptr<Copies> copies_;
  Tensors results_;
  std::mutex making_;
  c10::intrusive_ptr<Future> future_;
};

} // namespace

at::Tensor DenseCopies::read(const at::Tensor& tensor) {
  return is_dense(tensor) ? tensor : copy_of(tensor);
}

at::Tensor DenseCopies::changed(const at::Tensor& tensor) {
  results_.push_back(tensor);
  if (is_dense(tensor)) {
    return tensor;
  }
  at::assert_no_internal_overlap(tensor);
  changed_.emplace_back(tensor, copy_of(tensor));
  return changed_.back().second;
}

Tensors DenseCopies::read(Tensors tensors) {
  for (auto& tensor : tensors) {
    tensor = read(tensor);
  }
  return tensors;
}

Tensors DenseCopies::changed(Tensors tensors) {
  for (auto& tensor : tensors) {
    tensor = changed(tensor);
  }
  return tensors;
}

c10::intrusive_ptr<c10d::Work> DenseCopies::finish(c10::intrusive_ptr<c10d::Work> work) {
  if (changed_.empty()) {
    return work;
  }
  return c10::make_intrusive<DenseWork>(std::move(work), std::move(changed_), std::move(results_));
}

} // namespace lepton
