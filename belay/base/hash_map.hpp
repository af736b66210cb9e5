// SPDX-License-Identifier: Apache-2.0
// HashMap: find, insert, erase, and no iteration. Iteration order of a hash table differs between
// libraries and runs; what cannot be iterated cannot leak that order into events.
#pragma once

#include <cstddef>
#include <functional>
#include <unordered_map>  // tidy: allow unordered because this wrapper hides iteration
#include <utility>

namespace belay::base {

template <class Key, class Value, class Hash = std::hash<Key>>
class HashMap {
 public:
  /// The value under `key`, or nullptr. Valid until the next insert or erase.
  Value* find(const Key& key) {
    const auto it = map_.find(key);
    return it == map_.end() ? nullptr : &it->second;
  }
  const Value* find(const Key& key) const {
    const auto it = map_.find(key);
    return it == map_.end() ? nullptr : &it->second;
  }
  bool contains(const Key& key) const { return map_.find(key) != map_.end(); }
  /// Inserts or replaces.
  Value& put(const Key& key, Value value) {
    return map_.insert_or_assign(key, std::move(value)).first->second;
  }
  /// The value under `key`, made if absent.
  Value& at_or_make(const Key& key) { return map_[key]; }
  bool erase(const Key& key) { return map_.erase(key) != 0; }
  std::size_t size() const { return map_.size(); }
  void clear() { map_.clear(); }
  void reserve(std::size_t count) { map_.reserve(count); }

 private:
  std::unordered_map<Key, Value, Hash> map_;  // tidy: allow unordered because it stays inside
};

}  // namespace belay::base
