// The stores that ranks meet at: c10d's own, and one whose functions are the caller's.
#include "collectives.h"

#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

using namespace lepton;

namespace {

using Bytes = std::vector<uint8_t>;
using Keys = std::vector<std::string>;

Bytes bytes_of(const uint8_t* value, int64_t count) {
  return count == 0 ? Bytes() : Bytes(value, value + count);
}

Keys keys_of(const char* const* keys, int32_t count) {
  return Keys(keys, keys + count);
}

void hand_out(const Bytes& found, uint8_t** value, int64_t* bytes) {
  auto* buffer = static_cast<uint8_t*>(lt_alloc(found.size()));
  if (buffer == nullptr) {
    throw std::bad_alloc();
  }
  std::copy(found.begin(), found.end(), buffer);
  *value = buffer;
  *bytes = static_cast<int64_t>(found.size());
}

// Newer versions ask for a server over libuv, which not all builds of them have.
template <class Options>
auto without_libuv(Options& options, int) -> decltype(options.useLibUV, void()) {
  options.useLibUV = false;
}

template <class Options>
void without_libuv(Options&, ...) {}

class CallbackStore : public c10d::Store {
 public:
  CallbackStore(const lt_store_functions& functions, void* context, std::chrono::milliseconds timeout)
      : c10d::Store(timeout), functions_(functions), context_(context, functions.release) {}

  void set(const std::string& key, const Bytes& value) override {
    check(functions_.set(context_.get(), key.c_str(), value.data(), static_cast<int64_t>(value.size())), "set", key);
  }

  Bytes compareSet(const std::string& key, const Bytes& expected, const Bytes& wanted) override {
    uint8_t* value = nullptr;
    int64_t bytes = 0;
    check(functions_.compare_set(context_.get(), key.c_str(), expected.data(), static_cast<int64_t>(expected.size()),
                                 wanted.data(), static_cast<int64_t>(wanted.size()), &value, &bytes),
          "compare and set", key);
    return taken(value, bytes);
  }

  Bytes get(const std::string& key) override {
    uint8_t* value = nullptr;
    int64_t bytes = 0;
    check(functions_.get(context_.get(), key.c_str(), timeout_.count(), &value, &bytes), "get", key);
    return taken(value, bytes);
  }

  int64_t add(const std::string& key, int64_t amount) override {
    int64_t sum = 0;
    check(functions_.add(context_.get(), key.c_str(), amount, &sum), "add to", key);
    return sum;
  }

  bool deleteKey(const std::string& key) override {
    int32_t removed = 0;
    check(functions_.remove(context_.get(), key.c_str(), &removed), "remove", key);
    return removed != 0;
  }

  bool check(const Keys& keys) override {
    int32_t present = 0;
    const auto list = pointers(keys);
    check(functions_.check(context_.get(), list.data(), static_cast<int32_t>(list.size()), &present), "look for",
          joined(keys));
    return present != 0;
  }

  int64_t getNumKeys() override {
    int64_t keys = 0;
    check(functions_.count(context_.get(), &keys), "count", "all keys");
    return keys;
  }

  // Asked for since 2.10 or so; a store that others hold is the same one.
  c10::intrusive_ptr<c10d::Store> clone() { return c10::intrusive_ptr<c10d::Store>::reclaim_copy(this); }

  void wait(const Keys& keys) override { wait(keys, timeout_); }

  void wait(const Keys& keys, const std::chrono::milliseconds& timeout) override {
    const auto list = pointers(keys);
    check(functions_.wait(context_.get(), list.data(), static_cast<int32_t>(list.size()), timeout.count()),
          "wait for", joined(keys));
  }

 private:
  static void check(lt_status status, const char* what, const std::string& key) {
    if (status == LT_TIMEOUT) {
      throw Failure(status, std::string("the store timed out: ") + what + " " + key);
    }
    if (status != LT_OK) {
      throw Failure(status, std::string("the store's function failed: ") + what + " " + key);
    }
  }

  static Bytes taken(uint8_t* value, int64_t bytes) {
    Bytes result = bytes_of(value, bytes);
    lt_free(value);
    return result;
  }

  static std::vector<const char*> pointers(const Keys& keys) {
    std::vector<const char*> list;
    list.reserve(keys.size());
    for (const auto& key : keys) {
      list.push_back(key.c_str());
    }
    return list;
  }

  static std::string joined(const Keys& keys) {
    std::string text;
    for (const auto& key : keys) {
      text += (text.empty() ? "" : ", ") + key;
    }
    return text;
  }

  lt_store_functions functions_;
  Context context_;
};

c10d::Store& of(lt_store store) {
  return raw<c10d::Store>(store);
}

} // namespace

extern "C" {

lt_status lt_store_tcp(const char* host, int32_t port, int32_t is_server, int32_t world, int32_t wait,
                       int64_t timeout_ms, lt_store* result, int32_t* bound_port) {
  return guarded([&] {
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(port);
    options.isServer = is_server != 0;
    if (world > 0) {
      options.numWorkers = static_cast<size_t>(world);
    }
    options.waitWorkers = wait != 0;
    options.timeout = std::chrono::milliseconds(timeout_ms);
    without_libuv(options, 0);
    auto store = c10::make_intrusive<c10d::TCPStore>(std::string(host), options);
    *bound_port = store->getPort();
    *result = give_counted<lt_store>(c10::intrusive_ptr<c10d::Store>(std::move(store)));
  });
}

lt_status lt_store_hash(int64_t timeout_ms, lt_store* result) {
  return guarded([&] {
    auto store = c10::make_intrusive<c10d::HashStore>();
    store->setTimeout(std::chrono::milliseconds(timeout_ms));
    *result = give_counted<lt_store>(c10::intrusive_ptr<c10d::Store>(std::move(store)));
  });
}

lt_status lt_store_file(const char* path, int32_t world, lt_store* result) {
  return guarded([&] {
    auto store = c10::make_intrusive<c10d::FileStore>(std::string(path), world);
    *result = give_counted<lt_store>(c10::intrusive_ptr<c10d::Store>(std::move(store)));
  });
}

lt_status lt_store_prefix(const char* prefix, lt_store store, lt_store* result) {
  return guarded([&] {
    auto prefixed = c10::make_intrusive<c10d::PrefixStore>(std::string(prefix), counted<c10d::Store>(store));
    *result = give_counted<lt_store>(c10::intrusive_ptr<c10d::Store>(std::move(prefixed)));
  });
}

lt_status lt_store_callbacks(const lt_store_functions* functions, void* context, int64_t timeout_ms,
                             lt_store* result) {
  return guarded([&] {
    auto store =
        c10::make_intrusive<CallbackStore>(*functions, context, std::chrono::milliseconds(timeout_ms));
    *result = give_counted<lt_store>(c10::intrusive_ptr<c10d::Store>(std::move(store)));
  });
}

void lt_store_release(lt_store store) {
  release_counted<c10d::Store>(store);
}

lt_status lt_store_set(lt_store store, const char* key, const uint8_t* value, int64_t bytes) {
  return guarded([&] { of(store).set(std::string(key), bytes_of(value, bytes)); });
}

lt_status lt_store_get(lt_store store, const char* key, uint8_t** value, int64_t* bytes) {
  return guarded([&] { hand_out(of(store).get(std::string(key)), value, bytes); });
}

lt_status lt_store_add(lt_store store, const char* key, int64_t amount, int64_t* sum) {
  return guarded([&] { *sum = of(store).add(std::string(key), amount); });
}

lt_status lt_store_compare_set(lt_store store, const char* key, const uint8_t* expected, int64_t expected_bytes,
                               const uint8_t* wanted, int64_t wanted_bytes, uint8_t** value, int64_t* bytes) {
  return guarded([&] {
    hand_out(of(store).compareSet(std::string(key), bytes_of(expected, expected_bytes),
                                  bytes_of(wanted, wanted_bytes)),
             value, bytes);
  });
}

lt_status lt_store_remove(lt_store store, const char* key, int32_t* removed) {
  return guarded([&] { *removed = of(store).deleteKey(std::string(key)) ? 1 : 0; });
}

lt_status lt_store_check(lt_store store, const char* const* keys, int32_t count, int32_t* present) {
  return guarded([&] { *present = of(store).check(keys_of(keys, count)) ? 1 : 0; });
}

lt_status lt_store_wait(lt_store store, const char* const* keys, int32_t count, int64_t timeout_ms) {
  return guarded([&] { of(store).wait(keys_of(keys, count), std::chrono::milliseconds(timeout_ms)); });
}

lt_status lt_store_count(lt_store store, int64_t* keys) {
  return guarded([&] { *keys = of(store).getNumKeys(); });
}

} // extern "C"
