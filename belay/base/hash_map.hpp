// SPDX-License-Identifier: Apache-2.0
// HashMap: find, insert, erase, and no iteration. Iteration order of a hash table depends on the
// history of inserts; what cannot be iterated cannot leak that order into events.
//
// The entries lie in one block (open addressing, linear probing), beside a byte for each that
// holds some bits of its hash. A look-up mostly touches one line of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace belay::base {

/// Key and Value can be made from nothing. `Hash` takes whatever find() and erase() are given.
template <class Key, class Value, class Hash = std::hash<Key>>
class HashMap {
 public:
  /// The value under `key`, or nullptr. Valid until the next insert or erase.
  template <class K>
  const Value* find(const K& key) const {
    const std::size_t at = place_of(key);
    return at == nowhere ? nullptr : &slots_[at].value;
  }
  template <class K>
  Value* find(const K& key) {
    const std::size_t at = place_of(key);
    return at == nowhere ? nullptr : &slots_[at].value;
  }
  template <class K>
  bool contains(const K& key) const {
    return place_of(key) != nowhere;
  }
  /// Inserts or replaces.
  Value& put(const Key& key, Value value) {
    Value& place = at_or_make(key);
    place = std::move(value);
    return place;
  }
  /// The value under `key`, made if absent.
  Value& at_or_make(const Key& key) {
    const std::size_t found = place_of(key);
    if (found != nowhere) return slots_[found].value;
    if ((size_ + 1) * 8 > slots_.size() * 7) reserve(size_ + size_ / 2 + 8);
    ++size_;
    return slots_[insert(Slot{key, Value()})].value;
  }
  template <class K>
  bool erase(const K& key) {
    const std::size_t found = place_of(key);
    if (found == nowhere) return false;
    close_gap(found);
    --size_;
    return true;
  }
  std::size_t size() const { return size_; }
  void clear() { *this = HashMap(); }
  /// Room for `count` entries without growing.
  void reserve(std::size_t count) {
    const std::size_t slots = count + count / 7 + 1;
    if (slots <= slots_.size()) return;
    HashMap larger;
    larger.slots_.resize(slots);
    larger.marks_.resize(slots);
    larger.size_ = size_;
    for (std::size_t at = 0; at < slots_.size(); ++at) {
      if (marks_[at] != 0) larger.insert(std::move(slots_[at]));
    }
    *this = std::move(larger);
  }

 private:
  struct Slot {
    Key key{};
    Value value{};
  };
  static constexpr std::size_t nowhere = ~std::size_t{0};

  // Spread over 64 bits, also where a hash is the number itself. The factor is another one than
  // that of the hashes of ids: twice the same one would put numbers that follow each other in
  // heaps.
  template <class K>
  static std::uint64_t spread(const K& key) {
    const std::uint64_t hash = Hash()(key) * 0xbf58476d1ce4e5b9ULL;
    return hash ^ (hash >> 29U);
  }
  // 0 is a vacant slot.
  static std::uint8_t mark(std::uint64_t hash) { return static_cast<std::uint8_t>(hash | 0x80U); }
  std::size_t home(std::uint64_t hash) const {
    return static_cast<std::size_t>(((hash >> 32U) * slots_.size()) >> 32U);
  }
  std::size_t next(std::size_t at) const { return at + 1 == slots_.size() ? 0 : at + 1; }

  template <class K>
  std::size_t place_of(const K& key) const {
    if (slots_.empty()) return nowhere;
    const std::uint64_t hash = spread(key);
    for (std::size_t at = home(hash); marks_[at] != 0; at = next(at)) {
      if (marks_[at] == mark(hash) && slots_[at].key == key) return at;
    }
    return nowhere;
  }
  // Of a key that is not there, while there is room.
  std::size_t insert(Slot slot) {
    const std::uint64_t hash = spread(slot.key);
    std::size_t at = home(hash);
    while (marks_[at] != 0) at = next(at);
    marks_[at] = mark(hash);
    slots_[at] = std::move(slot);
    return at;
  }
  // Moves up what would not be found any more behind a vacant slot.
  void close_gap(std::size_t gap) {
    for (std::size_t at = next(gap); marks_[at] != 0; at = next(at)) {
      const std::size_t wanted = home(spread(slots_[at].key));
      const bool stays = gap <= at ? gap < wanted && wanted <= at : gap < wanted || wanted <= at;
      if (stays) continue;
      slots_[gap] = std::move(slots_[at]);
      marks_[gap] = marks_[at];
      gap = at;
    }
    slots_[gap] = Slot();
    marks_[gap] = 0;
  }

  std::vector<Slot> slots_;
  std::vector<std::uint8_t> marks_;
  std::size_t size_ = 0;
};

}  // namespace belay::base
