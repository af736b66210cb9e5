// SPDX-License-Identifier: Apache-2.0
#include "belay/model/ids.hpp"

#include <fmt/format.h>

#include <charconv>

namespace belay::model {
namespace {
template <class Int>
bool parse_all(std::string_view text, Int& out, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}
}  // namespace

ExecId split_exec_id(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  std::uint32_t revision = 0;
  // Revisions begin at "01"; a suffix that is not such a number belongs to the base.
  if (dot == std::string_view::npos || !parse_all(text.substr(dot + 1), revision) ||
      revision == 0) {
    return {.base = std::string(text), .revision = 0};
  }
  return {.base = std::string(text.substr(0, dot)), .revision = revision};
}

std::string to_string(const ExecId& id) {
  return fmt::format("{}.{:02}", id.base, id.revision);
}

std::string to_string(InstanceId id) {
  return fmt::format("{:012x}", id.value());
}

std::string order_tag(InstanceId instance, OrderId order) {
  return fmt::format("b1.{}.{}", to_string(instance), order.value());
}

std::optional<OrderId> parse_order_tag(InstanceId instance, std::string_view tag) {
  const std::string prefix = "b1." + to_string(instance) + ".";
  if (tag.substr(0, prefix.size()) != prefix) return std::nullopt;
  tag.remove_prefix(prefix.size());
  tag = tag.substr(0, tag.find(':'));
  std::uint64_t id = 0;
  if (tag.empty() || tag.front() == '0' || !parse_all(tag, id)) return std::nullopt;
  return OrderId(id);
}

}  // namespace belay::model
