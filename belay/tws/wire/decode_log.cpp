// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/decode_log.hpp"

#include <variant>

#include "belay/base/json_writer.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/frame.hpp"
#include "belay/tws/wire/handshake.hpp"

namespace belay::tws::wire {
namespace {

// Raw frames hold NUL bytes (every length below 16 MiB begins with one); text lines never do.
bool is_raw(std::string_view input) {
  return input.find('\0') != std::string_view::npos;
}

std::string with_nul(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool nul = line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '0';
    out.push_back(nul ? '\0' : line[i]);
    if (nul) ++i;
  }
  return out;
}

class Log {
 public:
  Log(const DecodeLogOptions& options, std::string& out)
      : version_(options.server_version), from_(options.from), out_(out) {}

  void raw(std::string_view input) {
    const bool prefixed = input.substr(0, 4) == std::string_view("API\0", 4);
    if (prefixed) from_ = Side::client;
    FrameReader reader(prefixed ? FrameReader::Start::api_prefix : FrameReader::Start::frames);
    bool handshake = true;
    for (;;) {
      const FrameReader::Step step = reader.next(input);
      if (step.status == FrameReader::Status::need_more) break;
      if (step.status == FrameReader::Status::broken) {
        return error("stream", "a frame longer than 16 MiB: these are no TWS frames");
      }
      if (handshake) {
        handshake = false;
        if (greeting(step.payload)) continue;
      }
      message(step.payload);
    }
    if (reader.buffered() > 0) error("stream", "the last frame is cut");
  }

  void lines(std::string_view input) {
    while (!input.empty()) {
      const std::size_t end = input.find('\n');
      std::string_view line = input.substr(0, end);
      input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (line.empty() || line.front() == '#') continue;
      message(with_nul(line));
    }
  }

  DecodeLogResult result() const { return result_; }

 private:
  base::JsonWriter begin() const {
    base::JsonWriter json;
    json.begin_object().field("from", from_ == Side::server ? "server" : "client");
    return json;
  }

  void end(base::JsonWriter& json) {
    json.end_object();
    out_ += json.str();
    out_.push_back('\n');
  }

  void error(std::string_view name, std::string_view detail) {
    ++result_.failed;
    base::JsonWriter json = begin();
    json.field("name", name).field("error", detail);
    end(json);
  }

  void error(const DecodeError& found) {
    ++result_.failed;
    base::JsonWriter json = begin();
    json.field("name", found.message).field("error", to_string(found));
    json.field("field", found.field).field("field_index", std::int64_t{found.field_index});
    json.field("reason", name(found.reason));
    end(json);
  }

  // The first frame of a recording may be the greeting or the hello; a message is neither.
  bool greeting(std::string_view payload) {
    if (from_ == Side::client) {
      const auto parsed = parse_client_greeting(payload);
      if (!parsed) return false;
      base::JsonWriter json = begin();
      json.field("name", "greeting").key("fields").begin_object();
      json.field("minVersion", std::int64_t{parsed->min_version});
      json.field("maxVersion", std::int64_t{parsed->max_version});
      json.field("connectOptions", parsed->connect_options).end_object();
      end(json);
      ++result_.decoded;
      return true;
    }
    // A hello has a version of three digits and one more field; no message with two fields has
    // such an id.
    const auto parsed = parse_server_hello(payload);
    const bool hello = parsed && (parsed->is_redirect() || parsed->server_version >= 100) &&
                       payload.find('\0', payload.find('\0') + 1) + 1 == payload.size() &&
                       parsed->connection_time.find(':') != std::string::npos;
    if (!hello) return false;
    if (!parsed->is_redirect()) version_ = parsed->server_version;
    base::JsonWriter json = begin();
    json.field("name", "hello").key("fields").begin_object();
    json.field("serverVersion", std::int64_t{parsed->server_version});
    json.field("connectionTime", parsed->connection_time).end_object();
    end(json);
    ++result_.decoded;
    return true;
  }

  void message(std::string_view payload) {
    if (from_ == Side::server) {
      print(decode_server(payload, version_));
    } else {
      print(decode_client(payload, version_));
    }
  }

  template <class Result>
  void print(const Result& decoded) {
    if (!decoded) return error(decoded.error());
    ++result_.decoded;
    base::JsonWriter json = begin();
    json.field("name", name(decoded->message)).field("id", std::int64_t{id(decoded->message)});
    json.key("fields");
    print_json(decoded->message, json, version_);
    if (!decoded->trailing.empty()) {
      json.key("trailing").begin_array();
      for (const std::string& field : decoded->trailing) json.string(field);
      json.end_array();
    }
    end(json);
  }

  int version_;
  Side from_;
  std::string& out_;
  DecodeLogResult result_;
};

}  // namespace

DecodeLogResult decode_log(std::string_view input, const DecodeLogOptions& options,
                           std::string& out) {
  Log log(options, out);
  if (is_raw(input)) {
    log.raw(input);
  } else {
    log.lines(input);
  }
  return log.result();
}

}  // namespace belay::tws::wire
