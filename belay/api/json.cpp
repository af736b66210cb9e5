// SPDX-License-Identifier: Apache-2.0
#include "belay/api/json.hpp"

#include <fmt/format.h>
// RapidJSON's own assertions would abort on input; every path that reaches them is ours.
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <set>

namespace belay::api {
namespace {

// Builds the tree from RapidJSON's events. A false answer stops the reader; `refusal` says why.
class Builder {
 public:
  using Size = rapidjson::SizeType;

  bool Null() { return put(Json()); }
  bool Bool(bool value) { return put(Json::boolean(value)); }
  bool RawNumber(const char* text, Size size, bool) { return put(Json::number({text, size})); }
  bool String(const char* text, Size size, bool) { return put(Json::string({text, size})); }
  bool StartObject() { return open(); }
  bool StartArray() { return open(); }
  bool Key(const char* text, Size size, bool) {
    Level& level = levels_.back();
    level.key.assign(text, size);
    if (!level.keys.insert(level.key).second) {
      refusal_ = fmt::format("the member \"{}\" is given twice", level.key);
      return false;
    }
    return true;
  }
  bool EndObject(Size) {
    Json value = Json::object(std::move(levels_.back().members));
    levels_.pop_back();
    return put(std::move(value));
  }
  bool EndArray(Size) {
    Json value = Json::array(std::move(levels_.back().items));
    levels_.pop_back();
    return put(std::move(value));
  }
  // Never called with numbers as strings; the reader wants them to exist.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }  // tidy: allow float because RapidJSON's interface has it

  const std::string& refusal() const { return refusal_; }
  Json take() { return std::move(root_); }

 private:
  struct Level {
    std::string key;
    std::set<std::string> keys;
    std::vector<Json::Member> members;
    std::vector<Json> items;
    bool in_object() const { return !keys.empty(); }
  };
  bool open() {
    if (levels_.size() >= Json::depth_max) {
      refusal_ = fmt::format("more than {} levels", Json::depth_max);
      return false;
    }
    levels_.emplace_back();
    return true;
  }
  bool put(Json value) {
    if (levels_.empty()) {
      root_ = std::move(value);
    } else if (levels_.back().in_object()) {
      levels_.back().members.emplace_back(levels_.back().key, std::move(value));
    } else {
      levels_.back().items.push_back(std::move(value));
    }
    return true;
  }
  std::vector<Level> levels_;
  std::string refusal_;
  Json root_;
};

}  // namespace

base::Result<Json> Json::parse(std::string_view text) {
  // The reader takes a NUL for the end of the input; a NUL is never valid in JSON text.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return base::fail("", fmt::format("not JSON: a NUL at byte {}", nul));
  }
  rapidjson::MemoryStream bytes(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(bytes);
  Builder builder;
  rapidjson::Reader reader;
  constexpr unsigned flags =
      rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;
  const auto result = reader.Parse<flags>(stream, builder);
  if (result.IsError()) {
    const std::string why =
        builder.refusal().empty() ? rapidjson::GetParseError_En(result.Code()) : builder.refusal();
    return base::fail("", fmt::format("not JSON: {} at byte {}", why, result.Offset()));
  }
  return builder.take();
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
