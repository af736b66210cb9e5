// SPDX-License-Identifier: Apache-2.0
// IdSet: a set of ids that are dense from 1, as bits. It is walked in ascending order; a second
// row of bits says which words hold any, so that a long empty stretch is passed quickly.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

namespace belay::base {

/// Id is a Strong of an unsigned number.
template <class Id>
class IdSet {
 public:
  class iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = Id;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Id;

    iterator() = default;
    iterator(const IdSet* set, std::uint64_t at) : set_(set), at_(at) {}
    Id operator*() const { return Id(at_); }
    iterator& operator++() {
      at_ = set_->next(at_ + 1);
      return *this;
    }
    iterator& operator--() {
      at_ = set_->previous(at_);
      return *this;
    }
    iterator operator++(int) {
      const iterator old = *this;
      ++*this;
      return old;
    }
    iterator operator--(int) {
      const iterator old = *this;
      --*this;
      return old;
    }
    friend bool operator==(const iterator& a, const iterator& b) { return a.at_ == b.at_; }

   private:
    const IdSet* set_ = nullptr;
    std::uint64_t at_ = 0;
  };
  using const_iterator = iterator;

  bool contains(Id id) const { return has(words_, id.value()); }
  void insert(Id id) {
    const std::uint64_t at = id.value();
    if (has(words_, at)) return;
    if (at / 64 >= words_.size()) {
      words_.resize(at / 64 + 1);
      full_.resize(at / 4096 + 1);
    }
    words_[at / 64] |= bit(at);
    full_[at / 4096] |= bit(at / 64);
    ++size_;
  }
  void erase(Id id) {
    const std::uint64_t at = id.value();
    if (!has(words_, at)) return;
    words_[at / 64] &= ~bit(at);
    if (words_[at / 64] == 0) full_[at / 4096] &= ~bit(at / 64);
    --size_;
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  iterator begin() const { return {this, next(0)}; }
  iterator end() const { return {this, last()}; }
  /// The first that is not below `id`.
  iterator lower_bound(Id id) const { return {this, next(id.value())}; }

 private:
  static std::uint64_t bit(std::uint64_t at) { return std::uint64_t{1} << (at % 64); }
  static bool has(const std::vector<std::uint64_t>& words, std::uint64_t at) {
    return at / 64 < words.size() && (words[at / 64] & bit(at)) != 0;
  }
  std::uint64_t last() const { return words_.size() * 64; }
  // The first bit of a row from `at` on; the row's length when there is none.
  static std::uint64_t first_from(const std::vector<std::uint64_t>& row, std::uint64_t at) {
    for (std::uint64_t word = at / 64; word < row.size(); ++word) {
      std::uint64_t bits = row[word];
      if (word == at / 64) bits &= ~std::uint64_t{0} << (at % 64);
      if (bits != 0) return word * 64 + static_cast<unsigned>(std::countr_zero(bits));
    }
    return row.size() * 64;
  }
  // The last bit of a row before `at`; `at` when there is none.
  static std::uint64_t last_before(const std::vector<std::uint64_t>& row, std::uint64_t at) {
    for (std::uint64_t word = (at + 63) / 64; word-- > 0;) {
      std::uint64_t bits = row[word];
      if (word == at / 64) bits &= bit(at) - 1;
      if (bits != 0) return word * 64 + 63 - static_cast<unsigned>(std::countl_zero(bits));
    }
    return at;
  }
  std::uint64_t next(std::uint64_t at) const {
    if (at >= last()) return last();
    const std::uint64_t rest = words_[at / 64] & (~std::uint64_t{0} << (at % 64));
    if (rest != 0) return at / 64 * 64 + static_cast<unsigned>(std::countr_zero(rest));
    const std::uint64_t word = first_from(full_, at / 64 + 1);
    if (word >= words_.size()) return last();
    return word * 64 + static_cast<unsigned>(std::countr_zero(words_[word]));
  }
  std::uint64_t previous(std::uint64_t at) const {
    if (at % 64 != 0) {
      const std::uint64_t rest = words_[at / 64] & (bit(at) - 1);
      if (rest != 0) return at / 64 * 64 + 63 - static_cast<unsigned>(std::countl_zero(rest));
    }
    const std::uint64_t word = last_before(full_, at / 64);
    if (word == at / 64) return at;  // before begin(): nothing to go to
    return word * 64 + 63 - static_cast<unsigned>(std::countl_zero(words_[word]));
  }

  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> full_;  // a bit for each word that is not 0
  std::size_t size_ = 0;
};

}  // namespace belay::base
