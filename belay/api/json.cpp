// SPDX-License-Identifier: Apache-2.0
#include "belay/api/json.hpp"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>  // the library's implementation, here and nowhere else
#include <set>

namespace belay::api {
namespace {

namespace json = boost::json;
using json::error_code;
using json::string_view;

// Builds the tree from the events of Boost.JSON's parser. A false answer stops it; `refusal` says
// why. Values of numbers are ignored: only their text counts.
class Builder {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& error) { return open(true, error); }
  bool on_array_begin(error_code& error) { return open(false, error); }
  bool on_object_end(std::size_t, error_code&) {
    Json value = Json::object(std::move(levels_.back().members));
    levels_.pop_back();
    return put(std::move(value));
  }
  bool on_array_end(std::size_t, error_code&) {
    Json value = Json::array(std::move(levels_.back().items));
    levels_.pop_back();
    return put(std::move(value));
  }
  bool on_key_part(string_view text, std::size_t, error_code&) { return part(text); }
  bool on_key(string_view text, std::size_t, error_code& error) {
    part(text);
    Level& level = levels_.back();
    level.key = std::exchange(text_, {});
    if (level.keys.insert(level.key).second) return true;
    return refuse(fmt::format("the member \"{}\" is given twice", level.key), error);
  }
  bool on_string_part(string_view text, std::size_t, error_code&) { return part(text); }
  bool on_string(string_view text, std::size_t, error_code&) {
    part(text);
    return put(Json::string(std::exchange(text_, {})));
  }
  bool on_number_part(string_view text, error_code&) { return part(text); }
  bool on_int64(std::int64_t, string_view text, error_code&) { return number(text); }
  bool on_uint64(std::uint64_t, string_view text, error_code&) { return number(text); }
  // tidy: allow float because the parser's interface has it; the value is not looked at
  bool on_double(double, string_view text, error_code&) { return number(text); }
  bool on_bool(bool value, error_code&) { return put(Json::boolean(value)); }
  bool on_null(error_code&) { return put(Json()); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

  const std::string& refusal() const { return refusal_; }
  Json take() { return std::move(root_); }

 private:
  struct Level {
    bool is_object = false;
    std::string key;
    std::set<std::string> keys;
    std::vector<Json::Member> members;
    std::vector<Json> items;
  };
  bool refuse(std::string why, error_code& error) {
    refusal_ = std::move(why);
    error = json::make_error_code(json::error::syntax);
    return false;
  }
  bool open(bool is_object, error_code& error) {
    if (levels_.size() >= Json::depth_max) {
      return refuse(fmt::format("more than {} levels", Json::depth_max), error);
    }
    levels_.emplace_back().is_object = is_object;
    return true;
  }
  bool part(string_view text) {
    text_.append(text.data(), text.size());
    return true;
  }
  bool number(string_view text) {
    part(text);
    return put(Json::number(std::exchange(text_, {})));
  }
  bool put(Json value) {
    if (levels_.empty()) {
      root_ = std::move(value);
    } else if (levels_.back().is_object) {
      levels_.back().members.emplace_back(std::move(levels_.back().key), std::move(value));
    } else {
      levels_.back().items.push_back(std::move(value));
    }
    return true;
  }
  std::vector<Level> levels_;
  std::string text_;
  std::string refusal_;
  Json root_;
};

}  // namespace

base::Result<Json> Json::parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = depth_max + 1;  // ours speaks first, with its own words
  json::basic_parser<Builder> parser(options);
  error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size()) error = json::make_error_code(json::error::extra_data);
  if (error) {
    const std::string& refusal = parser.handler().refusal();
    return base::fail("", fmt::format("not JSON: {} at byte {}",
                                      refusal.empty() ? error.message() : refusal, used));
  }
  return parser.handler().take();
}

Json Json::boolean(bool value) {
  Json json;
  json.kind_ = Kind::boolean;
  json.truth_ = value;
  return json;
}
Json Json::number(std::string text) {
  Json json;
  json.kind_ = Kind::number;
  json.text_ = std::move(text);
  return json;
}
Json Json::string(std::string text) {
  Json json;
  json.kind_ = Kind::string;
  json.text_ = std::move(text);
  return json;
}
Json Json::array(std::vector<Json> items) {
  Json json;
  json.kind_ = Kind::array;
  json.items_ = std::move(items);
  return json;
}
Json Json::object(std::vector<Member> members) {
  Json json;
  json.kind_ = Kind::object;
  json.members_ = std::move(members);
  return json;
}

const Json* Json::find(std::string_view name) const {
  for (const auto& [key, value] : members_) {
    if (key == name) return &value;
  }
  return nullptr;
}
std::string_view Json::text_of(std::string_view name) const {
  const Json* value = find(name);
  return value == nullptr ? std::string_view() : std::string_view(value->text_);
}
bool Json::truth_of(std::string_view name) const {
  const Json* value = find(name);
  return value != nullptr && value->truth_;
}

}  // namespace belay::api
