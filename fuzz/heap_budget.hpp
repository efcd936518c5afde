// How much an input makes a target hold. Counts the heap by the allocation hooks of the sanitizers;
// builds without them count nothing, and every budget holds.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

extern "C" {
// The interface of the sanitizers' allocators (sanitizer/allocator_interface.h), where there is
// one.
__attribute__((weak)) int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void*, std::size_t), void (*on_free)(const volatile void*));
__attribute__((weak)) std::size_t __sanitizer_get_allocated_size(const volatile void* block);
}

namespace fuzz {

// Octets allocated and not yet freed by all threads, from its construction on.
class HeapBudget {
 public:
  HeapBudget() {
    static const bool is_counting = install();
    (void)is_counting;
    start_ = held_.load(std::memory_order_relaxed);
  }

  std::ptrdiff_t octets() const { return held_.load(std::memory_order_relaxed) - start_; }

  // Aborts when more than `max` octets are held.
  void require_at_most(std::size_t max) const {
    const std::ptrdiff_t now = octets();
    if (now <= static_cast<std::ptrdiff_t>(max)) return;
    std::fprintf(stderr, "%td octets are held, at most %zu may be\n", now, max);
    std::abort();
  }

 private:
  static bool install() {
    if (__sanitizer_install_malloc_and_free_hooks == nullptr) return false;
    __sanitizer_install_malloc_and_free_hooks(
        [](const volatile void*, std::size_t size) {
          held_.fetch_add(static_cast<std::ptrdiff_t>(size), std::memory_order_relaxed);
        },
        [](const volatile void* block) {
          // Null is freed too, and some blocks are not the allocator's.
          if (block == nullptr) return;
          held_.fetch_sub(static_cast<std::ptrdiff_t>(__sanitizer_get_allocated_size(block)),
                          std::memory_order_relaxed);
        });
    return true;
  }

  static inline std::atomic<std::ptrdiff_t> held_{0};
  std::ptrdiff_t start_ = 0;
};

inline void require(bool is_so) {
  if (!is_so) std::abort();
}

}  // namespace fuzz
