#include "shared.h"

#if defined(__linux__)

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <random>

namespace lepton {

namespace {

using Clock = std::chrono::steady_clock;
using Word = std::atomic<uint32_t>;

static_assert(sizeof(Word) == 4 && Word::is_always_lock_free, "a futex is a plain word of 32 bits");

// How many reductions may run side by side, as Gloo's two threads let them.
constexpr size_t channels = 2;

// What a rank lays out at a time: small enough to stay in the cache between one rank's writing and another's reading.
constexpr size_t chunk_bytes = 256 * 1024;

// Up to here every rank adds up the whole, which spares a meeting.
constexpr size_t alone_bytes = 16 * 1024;

constexpr int ranks_most = 64;

// A rank that waits looks this often whether the other one still lives.
constexpr long look_ns = 50 * 1000 * 1000;

const char* name_of(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat: return "float32";
    case at::kDouble: return "float64";
    case at::kInt: return "int32";
    case at::kLong: return "int64";
    case at::kHalf: return "float16";
    default: return c10::toString(dtype);
  }
}

// What a rank gives to a reduction. Of a tensor of more dimensions only the number of elements is told.
class Given {
 public:
  void set(const at::Tensor& tensor) {
    elements_.store(tensor.numel(), std::memory_order_relaxed);
    dtype_.store(static_cast<int64_t>(tensor.scalar_type()), std::memory_order_relaxed);
    dimensions_.store(tensor.dim() <= dimensions_most ? tensor.dim() : -1, std::memory_order_relaxed);
    for (int64_t i = 0; i < tensor.dim() && i < dimensions_most; i++) {
      sizes_[i].store(tensor.size(i), std::memory_order_relaxed);
    }
  }

  // Shapes of as many elements may differ: to a sum that makes no difference.
  bool fits(const Given& other) const { return elements() == other.elements() && dtype() == other.dtype(); }

  std::string text() const {
    std::string text = name_of(static_cast<at::ScalarType>(dtype())) + std::string("[");
    const int64_t dimensions = dimensions_.load(std::memory_order_relaxed);
    for (int64_t i = 0; i < dimensions; i++) {
      text += (i == 0 ? "" : ", ") + std::to_string(sizes_[i].load(std::memory_order_relaxed));
    }
    return text + (dimensions < 0 ? std::to_string(elements()) + " elements]" : "]");
  }

 private:
  static constexpr int64_t dimensions_most = 6;
  int64_t elements() const { return elements_.load(std::memory_order_relaxed); }
  int64_t dtype() const { return dtype_.load(std::memory_order_relaxed); }

  std::atomic<int64_t> elements_;
  std::atomic<int64_t> dtype_;
  std::atomic<int64_t> dimensions_;
  std::atomic<int64_t> sizes_[dimensions_most];
};

// What a rank tells the others, on a channel. What it gives stands twice: a rank that is ahead writes the one while
// others still read the other.
struct alignas(128) Post {
  Word meetings; // how many meetings the rank came to
  Word sleepers; // whether somebody sleeps until it comes
  Given given[2];
};

struct Desk {
  Post post;
  alignas(128) uint8_t in[2][chunk_bytes];
  alignas(128) uint8_t out[chunk_bytes];
};

void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

long futex(Word* word, int operation, uint32_t value, const timespec* timeout) {
  return syscall(SYS_futex, reinterpret_cast<uint32_t*>(word), operation, value, timeout, nullptr, 0);
}

std::string boot_id() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id;
}

std::vector<uint8_t> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

std::string text_of(const std::vector<uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

template <class T>
void add_up(uint8_t* target, const uint8_t* const* sources, int count, size_t bytes) {
  T* sum = reinterpret_cast<T*>(target);
  const size_t elements = bytes / sizeof(T);
  const T* first = reinterpret_cast<const T*>(sources[0]);
  const T* second = reinterpret_cast<const T*>(sources[1]);
  for (size_t i = 0; i < elements; i++) {
    sum[i] = first[i] + second[i];
  }
  for (int rank = 2; rank < count; rank++) {
    const T* next = reinterpret_cast<const T*>(sources[rank]);
    for (size_t i = 0; i < elements; i++) {
      sum[i] = sum[i] + next[i];
    }
  }
}

using AddUp = void (*)(uint8_t*, const uint8_t* const*, int, size_t);

AddUp add_up_for(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat: return add_up<float>;
    case at::kDouble: return add_up<double>;
    case at::kInt: return add_up<int32_t>;
    case at::kLong: return add_up<int64_t>;
    case at::kHalf: return add_up<c10::Half>;
    default: return nullptr;
  }
}

// One rank's view of the memory.
class Region final : public SharedRegion {
 public:
  Region(int file, void* memory, int rank, int size, std::chrono::milliseconds timeout)
      : file_(file), desks_(static_cast<Desk*>(memory)), rank_(rank), size_(size), timeout_(timeout) {}

  ~Region() override {
    munmap(desks_, bytes(size_));
    close(file_); // Lets the lock of this rank go: the others see that it is gone.
  }

  static size_t bytes(int size) { return sizeof(Desk) * channels * size; }

  uint64_t next() override { return started_.fetch_add(1); }

  void sum(uint64_t sequence, at::Tensor& tensor) override {
    Turn turn(*this, sequence);
    const size_t channel = sequence % channels;
    const auto deadline = Clock::now() + timeout_;
    Post& post = desk(channel, rank_).post;
    const uint64_t first = rounds_[channel] % 2;
    post.given[first].set(tensor);
    auto* data = static_cast<uint8_t*>(tensor.data_ptr());
    const size_t all = tensor.nbytes();
    const AddUp add = add_up_for(tensor.scalar_type());
    size_t done = 0;
    do {
      const size_t bytes = std::min(chunk_bytes, all - done);
      uint8_t* chunk = data + done;
      const uint64_t side = rounds_[channel]++ % 2;
      std::memcpy(desk(channel, rank_).in[side], chunk, bytes);
      meet(channel, deadline);
      if (done == 0) {
        compare(channel, first);
      }
      if (all <= alone_bytes) {
        add_part(channel, side, chunk, 0, bytes, add);
      } else {
        const auto part = part_of(rank_, bytes);
        add_part(channel, side, desk(channel, rank_).out + part.first, part.first, part.second, add);
        meet(channel, deadline);
        for (int rank = 0; rank < size_; rank++) {
          const auto theirs = part_of(rank, bytes);
          std::memcpy(chunk + theirs.first, desk(channel, rank).out + theirs.first, theirs.second);
        }
      }
      done += bytes;
    } while (done < all);
  }

 private:
  // The reductions of a channel follow each other, whatever threads they run on.
  class Turn {
   public:
    Turn(Region& region, uint64_t sequence) : region_(region), sequence_(sequence) {
      std::unique_lock<std::mutex> lock(region_.turns_);
      region_.turned_.wait(lock, [&] { return region_.done_[sequence_ % channels] * channels +
                                              sequence_ % channels == sequence_; });
    }
    ~Turn() {
      const std::lock_guard<std::mutex> lock(region_.turns_);
      region_.done_[sequence_ % channels]++;
      region_.turned_.notify_all();
    }

   private:
    Region& region_;
    uint64_t sequence_;
  };

  Desk& desk(size_t channel, int rank) { return desks_[channel * size_ + rank]; }

  // Where a rank's part of a chunk begins, and its bytes.
  std::pair<size_t, size_t> part_of(int rank, size_t bytes) const {
    constexpr size_t line = 64;
    const size_t lines = (bytes + line - 1) / line;
    const size_t from = std::min(bytes, lines * rank / size_ * line);
    const size_t to = std::min(bytes, lines * (rank + 1) / size_ * line);
    return {from, to - from};
  }

  void add_part(size_t channel, uint64_t side, uint8_t* target, size_t from, size_t bytes, AddUp add) {
    const uint8_t* sources[ranks_most];
    for (int rank = 0; rank < size_; rank++) {
      sources[rank] = desk(channel, rank).in[side] + from;
    }
    add(target, sources, size_, bytes);
  }

  // Returns when all ranks have come here as often as this one.
  void meet(size_t channel, Clock::time_point deadline) {
    Post& mine = desk(channel, rank_).post;
    const uint32_t meeting = mine.meetings.fetch_add(1) + 1;
    if (mine.sleepers.load() != 0) {
      mine.sleepers.store(0);
      futex(&mine.meetings, FUTEX_WAKE, INT32_MAX, nullptr);
    }
    for (int rank = 0; rank < size_; rank++) {
      if (rank != rank_) {
        wait_for(rank, desk(channel, rank).post, meeting, deadline);
      }
    }
  }

  void wait_for(int rank, Post& post, uint32_t meeting, Clock::time_point deadline) {
    for (int looks = 0;; looks++) {
      const uint32_t seen = post.meetings.load(std::memory_order_acquire);
      if (static_cast<int32_t>(seen - meeting) >= 0) {
        return;
      }
      if (looks < 200) {
        pause_briefly();
        continue;
      }
      post.sleepers.store(1);
      // Whoever comes between the look and the sleep changes the word, and the kernel lets nobody sleep then; whoever
      // came before the note above is seen here.
      if (post.meetings.load() != seen) {
        continue;
      }
      const timespec look{0, look_ns};
      futex(&post.meetings, FUTEX_WAIT, seen, &look);
      if (post.meetings.load() != seen) {
        continue;
      }
      if (!lives(rank)) {
        throw Failure(LT_CONNECTION, "Connection closed by peer: rank " + std::to_string(rank) + " is gone");
      }
      if (Clock::now() >= deadline) {
        throw Failure(LT_TIMEOUT, "Timed out waiting " + std::to_string(timeout_.count()) + " ms for rank " +
                                      std::to_string(rank));
      }
    }
  }

  // A rank holds a lock on its own byte of the file; the kernel takes it from the dead.
  bool lives(int rank) const {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = rank;
    lock.l_len = 1;
    return fcntl(file_, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
  }

  void compare(size_t channel, uint64_t side) {
    const Given& mine = desk(channel, rank_).post.given[side];
    for (int rank = 0; rank < size_; rank++) {
      if (!mine.fits(desk(channel, rank).post.given[side])) {
        refuse(channel, side);
      }
    }
  }

  // Most are taken to be right; each rank says the same.
  [[noreturn]] void refuse(size_t channel, uint64_t side) {
    const auto given = [&](int rank) -> const Given& { return desk(channel, rank).post.given[side]; };
    int right = 0;
    int most = 0;
    for (int rank = 0; rank < size_; rank++) {
      int fitting = 0;
      for (int other = 0; other < size_; other++) {
        fitting += given(rank).fits(given(other)) ? 1 : 0;
      }
      if (fitting > most) {
        right = rank;
        most = fitting;
      }
    }
    int odd = 0;
    while (given(odd).fits(given(right))) {
      odd++;
    }
    throw Failure(LT_FAILED, "of the ranks of this group, rank " + std::to_string(odd) + " gave " + given(odd).text() +
                                 " where rank " + std::to_string(right) + " gave " + given(right).text());
  }

  int file_;
  Desk* desks_;
  int rank_;
  int size_;
  std::chrono::milliseconds timeout_;
  std::atomic<uint64_t> started_{0};
  uint64_t rounds_[channels] = {};
  uint64_t done_[channels] = {};
  std::mutex turns_;
  std::condition_variable turned_;
};

bool hold(int file, int rank) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = rank;
  lock.l_len = 1;
  return fcntl(file, F_OFD_SETLK, &lock) == 0;
}

int create(std::string& path, int size) {
  std::random_device random;
  path = "/dev/shm/lepton-" + std::to_string(random()) + "-" + std::to_string(random());
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  // Room is taken now: memory that is not there when it is first touched would end the process.
  if (file >= 0 && posix_fallocate(file, 0, static_cast<off_t>(Region::bytes(size))) != 0) {
    unlink(path.c_str());
    close(file);
    return -1;
  }
  return file;
}

} // namespace

bool SharedRegion::takes(const at::Tensor& tensor) {
  return tensor.layout() == at::kStrided && tensor.device().is_cpu() && add_up_for(tensor.scalar_type()) != nullptr;
}

std::shared_ptr<SharedRegion> SharedRegion::open(c10d::Store& store, int rank, int size,
                                                 std::chrono::milliseconds timeout) {
  if (size < 2 || size > ranks_most) {
    return nullptr;
  }
  const std::string key = "lepton/shared";
  std::string path;
  int file = -1;
  if (rank == 0) {
    file = create(path, size);
    store.set(key, bytes_of(file < 0 ? std::string() : boot_id() + " " + path));
  } else {
    const std::string told = text_of(store.get(key));
    const size_t space = told.find(' ');
    if (space != std::string::npos && told.substr(0, space) == boot_id()) {
      file = ::open(told.substr(space + 1).c_str(), O_RDWR | O_CLOEXEC);
    }
  }
  void* memory = MAP_FAILED;
  if (file >= 0 && hold(file, rank)) {
    memory = mmap(nullptr, Region::bytes(size), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  // All take it, or none does.
  store.set(key + "/" + std::to_string(rank), bytes_of(memory == MAP_FAILED ? "0" : "1"));
  bool all = true;
  for (int other = 0; other < size; other++) {
    all = text_of(store.get(key + "/" + std::to_string(other))) == "1" && all;
  }
  if (rank == 0 && file >= 0) {
    unlink(path.c_str());
  }
  if (all) {
    return std::make_shared<Region>(file, memory, rank, size, timeout);
  }
  if (memory != MAP_FAILED) {
    munmap(memory, Region::bytes(size));
  }
  if (file >= 0) {
    close(file);
  }
  return nullptr;
}

} // namespace lepton

#else

namespace lepton {

bool SharedRegion::takes(const at::Tensor&) {
  return false;
}

std::shared_ptr<SharedRegion> SharedRegion::open(c10d::Store&, int, int, std::chrono::milliseconds) {
  return nullptr;
}

} // namespace lepton

#endif
