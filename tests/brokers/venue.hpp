// SPDX-License-Identifier: Apache-2.0
// Venue: a broker that is not IB's, in memory, with its own book. It gives every order a name of
// its own, tells no tag, holds no brackets and knows one session. It outlives links and daemons.
// Its words are lines:
//
//   place REF SYMBOL SIDE QTY PRICE      working ID REF SYMBOL SIDE QTY PRICE
//   change ID QTY PRICE                  ended ID
//   cancel ID                            fill ID EXEC SYMBOL SIDE QTY PRICE
//   list                                 (open and filled orders, then) listed
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace belay::test {

class Venue {
 public:
  struct Order {
    std::int64_t ref = 0;  ///< the name that its client gave it; unique, in no sequence
    std::string symbol;
    std::string side;
    std::int64_t quantity = 0;
    std::string price;
    std::int64_t filled = 0;
    bool open = true;
  };
  struct Fill {
    std::int64_t order = 0;
    std::int64_t quantity = 0;
  };

  /// Takes whole lines and answers with lines.
  std::string receive(const std::string& lines);
  /// Somebody trades against the order: the line that tells it.
  std::string fill(std::int64_t id, std::int64_t quantity);

  std::map<std::int64_t, Order> orders;  ///< by the name that the venue gave
  std::vector<Fill> fills;
  std::vector<std::string> heard;

 private:
  std::string line(const std::vector<std::string>& words);
  std::string shown(std::int64_t id) const;
  std::string told(std::size_t exec) const;

  std::int64_t last_id_ = 900'000;
};

/// The words of a line.
std::vector<std::string> words_of(const std::string& line);
/// Takes the next whole line from the front; false when there is none.
bool take_line(std::string& text, std::string& line);

}  // namespace belay::test
