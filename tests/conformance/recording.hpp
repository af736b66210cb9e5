// SPDX-License-Identifier: Apache-2.0
// Recordings of live gateways in one shape, whatever file they come from: line transcripts (.txt),
// messages as JSON lines (.jsonl), and frames in base64 (.txt). Field names are IB's own of the
// text protocol; a field that is not recorded is not there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/result.hpp"
#include "belay/base/time.hpp"

namespace belay::conformance {

/// One message, or a mark between messages ("handshake", "disconnect", "note").
struct Message {
  enum class From : std::uint8_t { client, server, mark };
  From from = From::mark;
  std::string name;                           ///< "openOrder", "placeOrder" ...
  std::map<std::string, std::string> fields;  ///< nested ones without their path, lists numbered
  int line = 0;

  bool has(const std::string& field) const { return fields.count(field) != 0; }
  /// Empty when it is not there.
  const std::string& text(const std::string& field) const;
  /// 0 when it is no whole number.
  int number(const std::string& field) const;
  bool is(std::string_view wanted) const { return name == wanted; }
};

struct Recording {
  std::string file;  ///< name without folder
  /// Its author left messages and fields out: what is absent proves nothing.
  bool curated = false;
  base::Time began;  ///< the Unix epoch when the file does not tell
  std::vector<Message> messages;
};

/// Reads any of the formats; the error says which line cannot be understood.
base::Result<Recording> read_recording(const std::string& path);

}  // namespace belay::conformance
