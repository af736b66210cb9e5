// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/log_limiter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace belay::app {
namespace {

constexpr std::size_t kind_size = 48;
constexpr std::size_t sample_size = 160;

// Lines are alike when they begin alike but for their numbers.
std::string kind_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !out.empty() && out.back() == '#') continue;
    out.push_back(digit ? '#' : c);
    if (out.size() == kind_size) break;
  }
  return out;
}

}  // namespace

LogLimiter::LogLimiter(const Options& options)
    : options_(options),
      lines_(options.lines),
      bytes_(options.bytes),
      order_lines_(options.order_lines) {}

bool LogLimiter::Bucket::take(double amount, base::Time now) {
  if (now > filled_at_) {
    const double seconds = std::chrono::duration<double>(now - filled_at_).count();
    level_ = std::min(rate_.burst, level_ + seconds * rate_.per_second);
  }
  filled_at_ = now;  // a clock that was set back fills nothing
  if (level_ < amount) return false;
  level_ -= amount;
  return true;
}

bool LogLimiter::admit(LineKind kind, std::string_view text, base::Time now) {
  if (kind == LineKind::order) {
    if (order_lines_.take(1, now)) return true;
    ++too_many_;
    ++left_out_;
    return false;
  }
  Alike* alike = nullptr;
  std::string name = kind_of(text);
  if (const auto found = alike_.find(name); found != alike_.end()) {
    alike = &found->second;
  } else if (alike_.size() < options_.alike_kinds) {
    alike = &alike_[std::move(name)];
  }
  if (alike != nullptr) {
    if (++alike->lines == 1) alike->first = std::string(text.substr(0, sample_size));
    if (alike->lines > (alike->floods ? 1 : options_.alike_max)) {
      ++alike->left_out;
      ++left_out_;
      return false;
    }
  }
  if (lines_.take(1, now) && bytes_.take(static_cast<double>(text.size()), now)) return true;
  ++too_many_;
  ++left_out_;
  return false;
}

std::vector<std::string> LogLimiter::counted(base::Time now) {
  if (now >= second_began_ && now - second_began_ < std::chrono::seconds(1)) return {};
  second_began_ = now;
  std::vector<std::string> out;
  for (auto it = alike_.begin(); it != alike_.end();) {
    Alike& alike = it->second;
    if (alike.left_out != 0) {
      out.push_back(fmt::format("and {} more lines like: {}", alike.left_out, alike.first));
    }
    if (alike.left_out == 0) {
      it = alike_.erase(it);
      continue;
    }
    alike = {0, 0, true, ""};
    ++it;
  }
  if (too_many_ != 0) {
    out.push_back(fmt::format("{} lines were left out: too many at once", too_many_));
  }
  too_many_ = 0;
  return out;
}

}  // namespace belay::app
