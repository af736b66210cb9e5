// SPDX-License-Identifier: Apache-2.0
#include "belay/api/paging.hpp"

namespace belay::api {

base::Result<Page, FieldErrors> read_page(const HttpRequest& request) {
  Page page;
  FieldErrors errors;
  for (const auto& [name, value] : request.query) {
    if (name == "limit") {
      const auto number = whole_number<std::uint64_t>(value);
      if (!number || *number < 1 || *number > page_limit_max) {
        errors.push_back(
            {name, fmt::format("expected a whole number from 1 to {}", page_limit_max)});
      } else {
        page.limit = static_cast<std::size_t>(*number);
      }
    } else if (name == "page_token") {
      page.before = value.substr(0, 1) == "b"
                        ? whole_number<std::uint64_t>(std::string_view(value).substr(1))
                        : std::nullopt;
      if (!page.before || *page.before == 0) {
        errors.push_back({name, "expected the value of \"next\" of the page before"});
      }
    }
  }
  if (!errors.empty()) return base::Failure<FieldErrors>{std::move(errors)};
  return page;
}

Headers write_next(base::JsonWriter& json, const HttpRequest& request, std::uint64_t before) {
  json.key("next");
  if (before == 0) {
    json.null();
    return {};
  }
  const std::string token = fmt::format("b{}", before);
  json.string(token);
  std::string url = request.path + "?";
  for (const auto& [name, value] : request.query) {
    if (name != "page_token") {
      url += fmt::format("{}={}&", percent_encode(name), percent_encode(value));
    }
  }
  return {{"Link", fmt::format("<{}page_token={}>; rel=\"next\"", url, token)}};
}

}  // namespace belay::api
