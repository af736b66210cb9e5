// SPDX-License-Identifier: Apache-2.0
#include "tests/judge/evidence.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fstream>
#include <iterator>

namespace belay::judging {
namespace {

using rapidjson::Document;
using rapidjson::StringBuffer;
using Writer = rapidjson::Writer<StringBuffer>;

void text(Writer& json, const char* name, const std::string& value) {
  json.Key(name);
  json.String(value.c_str(), static_cast<rapidjson::SizeType>(value.size()));
}
void truth(Writer& json, const char* name, bool value) {
  json.Key(name);
  json.Bool(value);
}

std::string line_of(const OrderRecord& record) {
  StringBuffer buffer;
  Writer json(buffer);
  json.StartObject();
  text(json, "key", record.key);
  text(json, "order_id", record.order_id);
  truth(json, "yes", record.yes);
  truth(json, "refused", record.refused);
  truth(json, "asked_modify", record.asked_modify);
  truth(json, "asked_cancel", record.asked_cancel);
  truth(json, "cancel_yes", record.cancel_yes);
  json.EndObject();
  return buffer.GetString();
}

std::string facts_of(const Evidence& evidence) {
  StringBuffer buffer;
  Writer json(buffer);
  json.StartObject();
  text(json, "client", evidence.client);
  json.Key("log_at_end");
  json.Uint64(evidence.log_at_end);
  json.Key("rate_limit");
  json.Uint(evidence.rate_limit);
  truth(json, "storm", evidence.storm);
  truth(json, "saw_all_days", evidence.saw_all_days);
  for (const auto& [name, words] :
       {std::pair{"faults",
                  std::vector<std::string>(evidence.faults.begin(), evidence.faults.end())},
        std::pair{"complaints", evidence.complaints}}) {
    json.Key(name);
    json.StartArray();
    for (const std::string& word : words) json.String(word.c_str());
    json.EndArray();
  }
  json.EndObject();
  return buffer.GetString();
}

bool write(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  return static_cast<bool>(file.flush());
}
bool write(const std::string& path, const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return write(path, all);
}
std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}
std::vector<std::string> read_lines(const std::string& path) {
  std::vector<std::string> out;
  std::ifstream file(path, std::ios::binary);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

bool read_truth(const rapidjson::Value& object, const char* name, bool fallback) {
  return object.HasMember(name) && object[name].IsBool() ? object[name].GetBool() : fallback;
}
std::string read_text(const rapidjson::Value& object, const char* name) {
  return object.HasMember(name) && object[name].IsString() ? object[name].GetString() : "";
}

}  // namespace

bool save(const Evidence& evidence, const std::string& directory) {
  std::vector<std::string> records;
  for (const OrderRecord& record : evidence.records) records.push_back(line_of(record));
  return write(directory + "/run.json", facts_of(evidence)) &&
         write(directory + "/broker.jsonl", evidence.broker_log) &&
         write(directory + "/book_at_end.jsonl", evidence.book_at_end) &&
         write(directory + "/book.jsonl", evidence.book) &&
         write(directory + "/callers.jsonl", records) &&
         write(directory + "/orders.json", evidence.orders) &&
         write(directory + "/orders_after_restart.json", evidence.orders_after_restart) &&
         write(directory + "/positions.json", evidence.positions) &&
         write(directory + "/events.jsonl", evidence.events) &&
         write(directory + "/second_round.jsonl", evidence.second_round);
}

std::string load(const std::string& directory, Evidence& evidence) {
  Document run;
  run.Parse(read(directory + "/run.json").c_str());
  if (!run.IsObject()) return directory + "/run.json is missing or is no JSON object";
  if (const std::string client = read_text(run, "client"); !client.empty()) {
    evidence.client = client;
  }
  evidence.broker_log = read_lines(directory + "/broker.jsonl");
  evidence.log_at_end = evidence.broker_log.size();
  if (run.HasMember("log_at_end") && run["log_at_end"].IsUint64()) {
    evidence.log_at_end = run["log_at_end"].GetUint64();
  }
  if (run.HasMember("rate_limit") && run["rate_limit"].IsUint()) {
    evidence.rate_limit = run["rate_limit"].GetUint();
  }
  evidence.storm = read_truth(run, "storm", false);
  evidence.saw_all_days = read_truth(run, "saw_all_days", true);
  if (run.HasMember("faults") && run["faults"].IsArray()) {
    for (const auto& fault : run["faults"].GetArray()) evidence.faults.insert(fault.GetString());
  }
  if (run.HasMember("complaints") && run["complaints"].IsArray()) {
    for (const auto& words : run["complaints"].GetArray()) {
      evidence.complaints.emplace_back(words.GetString());
    }
  }
  evidence.book_at_end = read_lines(directory + "/book_at_end.jsonl");
  evidence.book = read_lines(directory + "/book.jsonl");
  for (const std::string& line : read_lines(directory + "/callers.jsonl")) {
    Document d;
    d.Parse(line.c_str());
    if (!d.IsObject()) return directory + "/callers.jsonl holds a line that is no JSON object";
    OrderRecord record;
    record.key = read_text(d, "key");
    record.order_id = read_text(d, "order_id");
    record.yes = read_truth(d, "yes", false);
    record.refused = read_truth(d, "refused", false);
    record.asked_modify = read_truth(d, "asked_modify", false);
    record.asked_cancel = read_truth(d, "asked_cancel", false);
    record.cancel_yes = read_truth(d, "cancel_yes", false);
    evidence.records.push_back(record);
  }
  evidence.orders = read(directory + "/orders.json");
  evidence.orders_after_restart = read(directory + "/orders_after_restart.json");
  evidence.positions = read(directory + "/positions.json");
  evidence.events = read_lines(directory + "/events.jsonl");
  evidence.second_round = read_lines(directory + "/second_round.jsonl");
  return "";
}

}  // namespace belay::judging
