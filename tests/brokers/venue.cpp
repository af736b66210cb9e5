// SPDX-License-Identifier: Apache-2.0
#include "tests/brokers/venue.hpp"

#include <fmt/format.h>

#include <sstream>

namespace belay::test {

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

bool take_line(std::string& text, std::string& line) {
  const std::size_t end = text.find('\n');
  if (end == std::string::npos) return false;
  line = text.substr(0, end);
  text.erase(0, end + 1);
  return true;
}

std::string Venue::shown(std::int64_t id) const {
  const Order& order = orders.at(id);
  return fmt::format("working {} {} {} {} {} {}\n", id, order.ref, order.symbol, order.side,
                     order.quantity, order.price);
}

std::string Venue::told(std::size_t exec) const {
  const Fill& fill = fills[exec];
  const Order& order = orders.at(fill.order);
  return fmt::format("fill {} {} {} {} {} {}\n", fill.order, exec + 1, order.symbol, order.side,
                     fill.quantity, order.price);
}

std::string Venue::fill(std::int64_t id, std::int64_t quantity) {
  Order& order = orders.at(id);
  order.filled += quantity;
  order.open = order.filled < order.quantity;
  fills.push_back({id, quantity});
  return told(fills.size() - 1);
}

std::string Venue::receive(const std::string& lines) {
  std::string rest = lines;
  std::string answers;
  for (std::string each; take_line(rest, each);) {
    heard.push_back(each);
    answers += line(words_of(each));
  }
  return answers;
}

std::string Venue::line(const std::vector<std::string>& words) {
  const std::string& what = words.at(0);
  if (what == "place") {
    orders[++last_id_] = {std::stoll(words.at(1)),
                          words.at(2),
                          words.at(3),
                          std::stoll(words.at(4)),
                          words.at(5),
                          0,
                          true};
    return shown(last_id_);
  }
  if (what == "list") {
    std::string out;
    for (const auto& [id, order] : orders) out += order.open ? shown(id) : "";
    for (std::size_t i = 0; i < fills.size(); ++i) out += told(i);
    return out + "listed\n";
  }
  const std::int64_t id = std::stoll(words.at(1));
  Order& order = orders.at(id);
  if (!order.open) return "";
  if (what == "cancel") {
    order.open = false;
    return fmt::format("ended {}\n", id);
  }
  order.quantity = std::stoll(words.at(2));
  order.price = words.at(3);
  return shown(id);
}

}  // namespace belay::test
