#include "transport.h"

#if defined(USE_C10D_GLOO) && TORCH_VERSION_MAJOR < 2

#include <gloo/transport/context.h>
#include <gloo/transport/pair.h>
#include <gloo/transport/unbound_buffer.h>

#include <algorithm>
#include <thread>

namespace lepton {

namespace {

using gloo::transport::Pair;
using gloo::transport::UnboundBuffer;

// What the bucket holds when nothing was sent for a while: a millisecond's worth, as much as a small message.
constexpr std::chrono::microseconds burst{1000};

class MeteredBuffer final : public UnboundBuffer {
 public:
  MeteredBuffer(std::unique_ptr<UnboundBuffer> inner, std::shared_ptr<LinkMeter> meter)
      : UnboundBuffer(inner->ptr, inner->size), inner_(std::move(inner)), meter_(std::move(meter)) {}

  bool waitRecv(int* rank, std::chrono::milliseconds timeout) override { return inner_->waitRecv(rank, timeout); }
  bool waitSend(int* rank, std::chrono::milliseconds timeout) override { return inner_->waitSend(rank, timeout); }
  void abortWaitRecv() override { inner_->abortWaitRecv(); }
  void abortWaitSend() override { inner_->abortWaitSend(); }

  void send(int target, uint64_t slot, size_t offset, size_t bytes) override {
    meter_->pass(bytes == kUnspecifiedByteCount ? size - offset : bytes);
    inner_->send(target, slot, offset, bytes);
  }

  void recv(int source, uint64_t slot, size_t offset, size_t bytes) override {
    inner_->recv(source, slot, offset, bytes);
  }

  void recv(std::vector<int> sources, uint64_t slot, size_t offset, size_t bytes) override {
    inner_->recv(std::move(sources), slot, offset, bytes);
  }

 private:
  std::unique_ptr<UnboundBuffer> inner_;
  std::shared_ptr<LinkMeter> meter_;
};

class MeteredContext final : public gloo::transport::Context {
 public:
  MeteredContext(std::shared_ptr<gloo::transport::Context> inner, std::shared_ptr<LinkMeter> meter)
      : gloo::transport::Context(inner->rank, inner->size), inner_(std::move(inner)), meter_(std::move(meter)) {}

  std::unique_ptr<Pair>& getPair(int rank) override { return inner_->getPair(rank); }

  std::unique_ptr<Pair>& createPair(int rank) override {
    // Gloo sets the timeout here before it makes the pairs, which ask the other context for it.
    inner_->setTimeout(getTimeout());
    return inner_->createPair(rank);
  }

  std::unique_ptr<UnboundBuffer> createUnboundBuffer(void* data, size_t bytes) override {
    return std::make_unique<MeteredBuffer>(inner_->createUnboundBuffer(data, bytes), meter_);
  }

 private:
  std::shared_ptr<gloo::transport::Context> inner_;
  std::shared_ptr<LinkMeter> meter_;
};

class MeteredDevice final : public gloo::transport::Device {
 public:
  MeteredDevice(std::shared_ptr<gloo::transport::Device> inner, std::shared_ptr<LinkMeter> meter)
      : inner_(std::move(inner)), meter_(std::move(meter)) {}

  std::string str() const override { return inner_->str(); }
  const std::string& getPCIBusID() const override { return inner_->getPCIBusID(); }
  int getInterfaceSpeed() const override { return inner_->getInterfaceSpeed(); }
  bool hasGPUDirect() const override { return inner_->hasGPUDirect(); }

  std::shared_ptr<gloo::transport::Context> createContext(int rank, int size) override {
    return std::make_shared<MeteredContext>(inner_->createContext(rank, size), meter_);
  }

 private:
  std::shared_ptr<gloo::transport::Device> inner_;
  std::shared_ptr<LinkMeter> meter_;
};

} // namespace

void LinkMeter::pass(size_t bytes) {
  bytes_sent_.fetch_add(static_cast<int64_t>(bytes));
  if (bytes_per_second_ == 0) {
    return;
  }
  Clock::time_point leaves;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::chrono::duration<double> takes(static_cast<double>(bytes) / static_cast<double>(bytes_per_second_));
    free_at_ = std::max(free_at_, Clock::now() - burst) + std::chrono::duration_cast<Clock::duration>(takes);
    leaves = free_at_;
  }
  std::this_thread::sleep_until(leaves);
}

std::shared_ptr<gloo::transport::Device> metered(std::shared_ptr<gloo::transport::Device> device,
                                                 std::shared_ptr<LinkMeter> meter) {
  return std::make_shared<MeteredDevice>(std::move(device), std::move(meter));
}

} // namespace lepton

#endif
