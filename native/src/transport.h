// Gloo's transport with a meter and, where it is asked for, a token bucket before each message.
#pragma once

#include "collectives.h"

#if defined(USE_C10D_GLOO) && TORCH_VERSION_MAJOR < 2

#include <gloo/transport/device.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

namespace lepton {

// What a rank sends over one device. Thread safe.
class LinkMeter {
 public:
  // bytes_per_second 0: as fast as the link takes it.
  explicit LinkMeter(int64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}

  // Counts a message, and returns when the bucket has tokens for all of its bytes.
  void pass(size_t bytes);

  int64_t bytes_sent() const { return bytes_sent_.load(); }

 private:
  using Clock = std::chrono::steady_clock;

  const int64_t bytes_per_second_;
  std::atomic<int64_t> bytes_sent_{0};
  std::mutex mutex_;
  Clock::time_point free_at_{};
};

// A device that passes everything on to another one, and what is sent through the meter first.
std::shared_ptr<gloo::transport::Device> metered(std::shared_ptr<gloo::transport::Device> device,
                                                 std::shared_ptr<LinkMeter> meter);

} // namespace lepton

#endif
