// SPDX-License-Identifier: Apache-2.0
#include "bench/allocations.hpp"

#include <cstdlib>
#include <new>

namespace belay::bench {
namespace {
thread_local std::uint64_t made = 0;
}  // namespace

std::uint64_t allocations() {
  return made;
}

static void* allocate(std::size_t size) {
  ++made;
  void* const out = std::malloc(size == 0 ? 1 : size);
  if (out == nullptr) throw std::bad_alloc();
  return out;
}

}  // namespace belay::bench

void* operator new(std::size_t size) {
  return belay::bench::allocate(size);
}
void* operator new[](std::size_t size) {
  return belay::bench::allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
