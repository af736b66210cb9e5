// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/alert_targets.hpp"

#include <algorithm>
#include <charconv>

namespace belay::app {

base::Result<HttpUrl> parse_http_url(std::string_view text) {
  constexpr std::string_view scheme = "http://";
  const auto wrong = [] {
    return base::fail(
        "ALERT_WEBHOOK",
        "expected http://host:port/path (https is not spoken: use a local forwarder)");
  };
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 32 && c < 127; });
  if (!printable || text.substr(0, scheme.size()) != scheme) return wrong();
  text.remove_prefix(scheme.size());
  HttpUrl url;
  const std::size_t slash = std::min(text.find('/'), text.size());
  std::string_view authority = text.substr(0, slash);
  if (slash < text.size()) url.target = std::string(text.substr(slash));
  if (authority.find('@') != std::string_view::npos) return wrong();
  if (const auto colon = authority.rfind(':'); colon != std::string_view::npos) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    if (!whole || url.port == 0) return wrong();
    authority = authority.substr(0, colon);
  }
  if (authority.empty()) return wrong();
  url.host = std::string(authority);
  return url;
}

base::Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;  // of a word
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        words.back().push_back(c);
      }
      continue;
    }
    if (c == ' ' || c == '\t') {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    if (c == '\'' || c == '"') {
      quote = c;
    } else {
      words.back().push_back(c);
    }
  }
  if (quote != 0) {
    return base::fail("ALERT_COMMAND", "a quote is not closed; expected pairs of quotes");
  }
  return words;
}

}  // namespace belay::app
