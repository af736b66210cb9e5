// SPDX-License-Identifier: Apache-2.0
// OrderedTable: a hash table for millions of small entries that are kept for years. It uses open
// addressing with linear probing, and the entries of a run are sorted by key. So a walk over the
// table is in key order, and what is written from it is the same bytes whatever the history of
// inserts was. The table is cut into shards. Each shard grows by a quarter when it is full, so no
// insert moves more than a shard and little memory stands empty (an entry takes 1.14 to 1.45 times
// its size).
//
// An Entry is a plain value with `using Key`, `Key key`, `bool vacant() const` (true for Entry{})
// and `static std::uint64_t place(const Key&)`, which is evenly spread over 64 bits and never
// descends while keys ascend.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace belay::base {

template <class Entry, unsigned ShardBits = 8>
class OrderedTable {
 public:
  using Key = typename Entry::Key;
  static_assert(ShardBits >= 1 && ShardBits < 16);
  OrderedTable() : shards_(std::size_t{1} << ShardBits) {}

  /// Valid until the next put or erase.
  const Entry* find(const Key& key) const {
    const Shard& shard = shards_[shard_of(key)];
    if (shard.used == 0) return nullptr;
    const std::size_t at = shard.lower_bound(key);
    const Entry& found = shard.slots[at];
    return !found.vacant() && found.key == key ? &found : nullptr;
  }
  /// Inserts or replaces.
  void put(const Entry& entry) {
    Shard& shard = shards_[shard_of(entry.key)];
    if (shard.put(entry)) ++size_;
  }
  bool erase(const Key& key) {
    Shard& shard = shards_[shard_of(key)];
    if (shard.used == 0 || !shard.erase(key)) return false;
    --size_;
    return true;
  }
  void clear() {
    for (Shard& shard : shards_) shard = Shard();
    size_ = 0;
  }
  std::size_t size() const { return size_; }
  /// Memory of the entries, vacant ones included.
  std::size_t bytes() const {
    std::size_t total = 0;
    for (const Shard& shard : shards_) total += shard.slots.capacity() * sizeof(Entry);
    return total;
  }
  /// In ascending key order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Shard& shard : shards_) {
      for (const Entry& entry : shard.slots) {
        if (!entry.vacant()) visit(entry);
      }
    }
  }

 private:
  // Entries stand at or behind their home with no vacant slot in between; the last slot is vacant.
  struct Shard {
    std::vector<Entry> slots;
    std::size_t homes = 0;
    std::size_t used = 0;

    std::size_t home(const Key& key) const {
      const std::uint64_t rest = (Entry::place(key) << ShardBits) >> 32U;
      return static_cast<std::size_t>((rest * homes) >> 32U);
    }
    // The first slot that is vacant or holds no smaller key.
    std::size_t lower_bound(const Key& key) const {
      std::size_t at = home(key);
      while (!slots[at].vacant() && slots[at].key < key) ++at;
      return at;
    }
    bool put(const Entry& entry) {
      if ((used + 1) * 8 > homes * 7) grow();
      for (;;) {
        const std::size_t at = lower_bound(entry.key);
        if (!slots[at].vacant() && slots[at].key == entry.key) {
          slots[at] = entry;
          return false;
        }
        std::size_t end = at;
        while (!slots[end].vacant()) ++end;
        if (end + 1 == slots.size()) {
          grow();
          continue;
        }
        std::copy_backward(slots.begin() + offset(at), slots.begin() + offset(end),
                           slots.begin() + offset(end) + 1);
        slots[at] = entry;
        ++used;
        return true;
      }
    }
    bool erase(const Key& key) {
      std::size_t at = lower_bound(key);
      if (slots[at].vacant() || !(slots[at].key == key)) return false;
      for (; !slots[at + 1].vacant() && home(slots[at + 1].key) <= at; ++at) {
        slots[at] = slots[at + 1];
      }
      slots[at] = Entry{};
      --used;
      return true;
    }
    void grow() {
      Shard larger;
      larger.homes = homes < 8 ? 8 : homes + homes / 4;
      larger.slots.resize(larger.homes + larger.homes / 16 + 4);
      std::size_t next = 0;
      for (const Entry& entry : slots) {
        if (entry.vacant()) continue;
        next = std::max(next, larger.home(entry.key));
        if (next + 1 >= larger.slots.size()) larger.slots.resize(next + 2);
        larger.slots[next++] = entry;
      }
      larger.used = used;
      *this = std::move(larger);
    }
    static std::ptrdiff_t offset(std::size_t at) { return static_cast<std::ptrdiff_t>(at); }
  };
  static std::size_t shard_of(const Key& key) {
    return static_cast<std::size_t>(Entry::place(key) >> (64U - ShardBits));
  }

  std::vector<Shard> shards_;
  std::size_t size_ = 0;
};

}  // namespace belay::base
