// SPDX-License-Identifier: Apache-2.0
// Reads the recorded messages beside the project. The files are data of others and stay where they
// are. A missing file fails the test, or is an empty list where BELAY_WITHOUT names vectors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belay::tests {

struct RecordedMessage {
  std::string name;
  int server_version = 0;
  bool from_server = true;
  std::vector<std::string> fields;
  std::vector<int> exact_at;  // versions at which no field may be left over
};

/// One JSON object a line: name, dir, server_version, fields.
std::vector<RecordedMessage> read_json_lines(const std::string& file);
/// A JSON array of objects: name, fields, exact_at.
std::vector<RecordedMessage> read_json_array(const std::string& file);

/// A request as a real client sent it; the text shows NUL as '|'.
struct RecordedRequest {
  int server_version = 0;
  int client = 0;
  std::string id;
  std::string body;
};
struct RecordedRequests {
  std::vector<RecordedRequest> requests;
  int skipped_protobuf = 0;
};
RecordedRequests read_requests(const std::string& file);

/// Fields joined with NUL, as on the wire.
std::string payload_of(const std::vector<std::string>& fields);

}  // namespace belay::tests
