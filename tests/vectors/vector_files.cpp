// SPDX-License-Identifier: Apache-2.0
#include "tests/vectors/vector_files.hpp"

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "tests/support/without.hpp"

namespace belay::tests {
namespace {

std::string read_file(const std::string& name) {
  const std::string path = std::string(BELAY_VECTORS_DIR) + "/" + name;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    if (!test::vectors_may_be_missing()) {
      FAIL(path << " is not there; BELAY_WITHOUT=vectors (scripts/test --without vectors) goes on "
                   "without it");
    }
    std::printf("SKIPPED: %s is not there\n", name.c_str());
    return {};
  }
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

RecordedMessage read_message(const rapidjson::Value& json) {
  RecordedMessage out;
  out.name = json["name"].GetString();
  if (json.HasMember("server_version")) out.server_version = json["server_version"].GetInt();
  if (json.HasMember("dir")) out.from_server = std::string(json["dir"].GetString()) == "in";
  for (const auto& field : json["fields"].GetArray()) out.fields.emplace_back(field.GetString());
  if (json.HasMember("exact_at")) {
    for (const auto& version : json["exact_at"].GetArray())
      out.exact_at.push_back(version.GetInt());
  }
  return out;
}

}  // namespace

std::vector<RecordedMessage> read_json_lines(const std::string& file) {
  std::vector<RecordedMessage> out;
  std::istringstream lines(read_file(file));
  for (std::string line; std::getline(lines, line);) {
    rapidjson::Document json;
    json.Parse(line.c_str());
    if (!json.HasParseError() && json.IsObject()) out.push_back(read_message(json));
  }
  return out;
}

std::vector<RecordedMessage> read_json_array(const std::string& file) {
  std::vector<RecordedMessage> out;
  rapidjson::Document json;
  const std::string text = read_file(file);
  json.Parse(text.c_str());
  if (json.HasParseError() || !json.IsArray()) return out;
  for (const auto& entry : json.GetArray()) out.push_back(read_message(entry));
  return out;
}

RecordedRequests read_requests(const std::string& file) {
  RecordedRequests out;
  std::istringstream lines(read_file(file));
  int version = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.rfind("version ");
    if (line.rfind('#', 0) == 0) {
      if (at != std::string::npos) version = std::stoi(line.substr(at + 8));
      if (line.find("server version 225") != std::string::npos) version = 225;
      continue;
    }
    if (line.rfind("<- ", 0) != 0) continue;
    if (line.find(" pb b'") != std::string::npos) {
      ++out.skipped_protobuf;
      continue;
    }
    std::istringstream words(line.substr(3));
    RecordedRequest request;
    request.server_version = version;
    words >> request.client >> request.id;
    const std::size_t begin = line.find("b'") + 2;
    request.body = line.substr(begin, line.rfind('\'') - begin);
    out.requests.push_back(request);
  }
  return out;
}

std::string payload_of(const std::vector<std::string>& fields) {
  std::string out;
  for (const std::string& field : fields) {
    out += field;
    out.push_back('\0');
  }
  return out;
}

}  // namespace belay::tests
