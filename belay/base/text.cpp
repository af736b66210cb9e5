// SPDX-License-Identifier: Apache-2.0
#include "belay/base/text.hpp"

#include <array>
#include <atomic>  // tidy: allow threads because a copy may be let go of on the journal's thread
#include <bit>
#include <cstring>
#include <limits>
#include <new>

#include "belay/base/check.hpp"

namespace belay::base {

static_assert(std::endian::native == std::endian::little, "the size lies in the last byte");
static_assert(sizeof(void*) == 8);

struct Text::Block {
  // tidy: allow threads because a copy may be let go of on the journal's thread
  std::atomic<std::uint32_t> owners;
  std::uint32_t size;
  char* data() { return reinterpret_cast<char*>(this + 1); }

  static Block* of(std::uint64_t bits) {
    return reinterpret_cast<Block*>(static_cast<std::uintptr_t>(bits));
  }
  static std::uint64_t make(std::string_view text) {
    BELAY_CHECK(text.size() < std::numeric_limits<std::uint32_t>::max());
    auto* block = new (::operator new(sizeof(Block) + text.size()))
        Block{.owners = 1, .size = static_cast<std::uint32_t>(text.size())};
    std::memcpy(block->data(), text.data(), text.size());
    return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(block));
  }
};

namespace {

// Where texts that come again are found: by hash, the latest in each place. One that comes once
// takes a place from another, which is then made anew the next time: no bound is needed.
constexpr std::size_t recent_places = 1024;
constexpr std::size_t recent_size_max = 64;

std::size_t place_of(std::string_view text) {
  std::uint64_t hash = text.size();
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t part = text.size() < sizeof word ? text.size() : sizeof word;
    std::memcpy(&word, text.data(), part);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 32U;
    text.remove_prefix(part);
  }
  return hash % recent_places;
}

// tidy: allow static because a cache decides nothing: with or without it texts are equal
thread_local std::array<Text, recent_places> recent;

}  // namespace

std::size_t Text::block_bytes(std::size_t size) {
  return size <= 7 ? 0 : sizeof(Block) + size;
}

std::uint64_t Text::make(std::string_view text) {
  if (text.empty()) return 0;
  if (text.size() <= 7) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, text.data(), text.size());
    return bits | (0x80ULL | text.size()) << 56U;
  }
  if (text.size() > recent_size_max) return Block::make(text);
  Text& known = recent[place_of(text)];
  if (!known.is_shared() || known.shared() != text) {
    Text made;
    made.bits_ = Block::make(text);
    known = std::move(made);
  }
  known.retain_block();
  return known.bits_;
}

std::string_view Text::shared() const {
  Block* block = Block::of(bits_);
  return {block->data(), block->size};
}

void Text::retain_block() const {
  Block::of(bits_)->owners.fetch_add(1, std::memory_order_relaxed);
}

void Text::release() const {
  Block* block = Block::of(bits_);
  if (block->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  block->~Block();
  ::operator delete(block);
}

}  // namespace belay::base
