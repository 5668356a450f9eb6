// Errors, version, memory and threads.
#include "common.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <new>

namespace lepton {

namespace {

thread_local std::string last_error;

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

// libtorch throws c10::Error for most of what goes wrong, and Gloo throws classes that it doesn't export everywhere, so
// the words have to tell.
lt_status status_of_words(const std::string& words) {
  if (contains(words, "not implemented for") || contains(words, "Could not run")) {
    return LT_NOT_IMPLEMENTED;
  }
  if (contains(words, "not enough memory") || contains(words, "out of memory") ||
      contains(words, "can't allocate memory")) {
    return LT_OUT_OF_MEMORY;
  }
  if (contains(words, "Timed out") || contains(words, "timed out") || contains(words, "timeout") ||
      contains(words, "Timeout")) {
    return LT_TIMEOUT;
  }
  if (contains(words, "Connection closed") || contains(words, "Connection reset") ||
      contains(words, "Broken pipe") || contains(words, "Connection refused") ||
      contains(words, "failed to connect") || contains(words, "Socket") || contains(words, "socket")) {
    return LT_CONNECTION;
  }
  return LT_FAILED;
}

} // namespace

lt_status translate_exception() noexcept {
  try {
    try {
      throw;
    } catch (const Failure& error) {
      last_error = error.what();
      return error.status();
    } catch (const c10::OutOfMemoryError& error) {
      last_error = error.what_without_backtrace();
      return LT_OUT_OF_MEMORY;
    } catch (const c10::NotImplementedError& error) {
      last_error = error.what_without_backtrace();
      return LT_NOT_IMPLEMENTED;
    } catch (const c10::IndexError& error) {
      last_error = error.what_without_backtrace();
      return LT_INDEX;
    } catch (const c10::Error& error) {
      last_error = error.what_without_backtrace();
      return status_of_words(last_error);
    } catch (const std::bad_alloc&) {
      last_error = "no memory left";
      return LT_OUT_OF_MEMORY;
    } catch (const std::out_of_range& error) {
      last_error = error.what();
      return LT_INDEX;
    } catch (const std::exception& error) {
      last_error = error.what();
      return status_of_words(last_error);
    } catch (...) {
      last_error = "an exception of a class that is not known";
      return LT_FAILED;
    }
  } catch (...) {
    // There was no room even for the words.
    return LT_OUT_OF_MEMORY;
  }
}

std::string words_of(const std::exception_ptr& error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (...) {
    translate_exception();
    return last_error;
  }
}

} // namespace lepton

using namespace lepton;

extern "C" {

const char* lt_last_error(void) {
  return last_error.c_str();
}

int32_t lt_abi(void) {
  return LT_ABI;
}

const char* lt_version(void) {
  return TORCH_VERSION;
}

lt_status lt_build_info(char** text) {
  return guarded([&] { *text = text_of(at::get_parallel_info() + "\n" + at::show_config()); });
}

void lt_free(void* buffer) {
  std::free(buffer);
}

void* lt_alloc(size_t bytes) {
  return std::malloc(bytes == 0 ? 1 : bytes);
}

int32_t lt_has_backend(const char* name) {
#ifdef USE_C10D_GLOO
  if (std::strcmp(name, "gloo") == 0) {
    return 1;
  }
#endif
#ifdef USE_C10D_NCCL
  if (std::strcmp(name, "nccl") == 0) {
    return 1;
  }
#endif
#ifdef LEPTON_CUDA
  if (std::strcmp(name, "cuda") == 0) {
    return 1;
  }
#endif
  (void)name;
  return 0;
}

lt_status lt_threads_get(int32_t* count) {
  return guarded([&] { *count = at::get_num_threads(); });
}

lt_status lt_threads_set(int32_t count) {
  return guarded([&] { at::set_num_threads(count); });
}

lt_status lt_interop_threads_get(int32_t* count) {
  return guarded([&] { *count = at::get_num_interop_threads(); });
}

lt_status lt_interop_threads_set(int32_t count) {
  return guarded([&] { at::set_num_interop_threads(count); });
}

} // extern "C"
