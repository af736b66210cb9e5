// SPDX-License-Identifier: Apache-2.0
// Text messages of the TWS socket to structs and back, for server versions 176 to 200, in both
// directions. Each message has one field walk (describe_*.hpp) that reading, writing and printing
// share, so the client and the simulated server cannot drift apart. Extra trailing fields are kept
// and otherwise ignored, as the protocol demands of every receiver. Decoding never throws and never
// reserves more than the bytes at hand can fill.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/json_writer.hpp"
#include "belay/base/result.hpp"
#include "belay/tws/wire/messages.hpp"

namespace belay::tws::wire {

enum class DecodeReason : std::uint8_t {
  under_run,   // the payload ended where a field was expected
  bad_number,  // a field that must be a number is not, or does not fit
  too_many,    // a count larger than the rest of the message, or beyond our limits
  bad_text,    // the payload does not end with NUL, or a word stands where it must not
  bad_count,   // what says how many fields follow, or which, cannot be read; tolerant only
};
std::string_view name(DecodeReason reason);

/// `field_index` counts from 0, which is the message id. Both names have static storage.
struct DecodeError {
  std::string_view message;
  std::string_view field;
  int field_index = 0;
  DecodeReason reason = DecodeReason::under_run;
  friend bool operator==(const DecodeError&, const DecodeError&) = default;
};
/// "openOrder: field 12 (tradingClass): the message ends here".
std::string to_string(const DecodeError& error);

/// How a message is read whose fields are not all what they should be.
enum class Reading : std::uint8_t {
  exact,     ///< the first bad field refuses the message; texts are kept byte for byte
  tolerant,  ///< a bad field costs that field; texts are cleaned (base/line_text.hpp)
};

/// What could not be read of a message that was taken all the same: its value is "not given".
struct DamagedField {
  std::string_view field;  // static storage
  int field_index = 0;
  DecodeReason reason = DecodeReason::bad_number;
  std::string bytes;  // what stood there, cleaned and bounded
  friend bool operator==(const DamagedField&, const DamagedField&) = default;
};
/// "openOrder: field 12 (lmtPrice) holds "x1": not a number that can stand here".
std::string to_string(std::string_view message, const DamagedField& damaged);

template <class Message>
struct Decoded {
  Message message;
  std::vector<std::string> trailing;
  std::vector<DamagedField> damaged = {};  ///< tolerant only, in the sequence of the fields
};

/// `payload` is one frame without its length prefix. The version is the one agreed in the
/// handshake; one outside 176..200 is read as the nearest of these.
base::Result<Decoded<ServerMessage>, DecodeError> decode_server(std::string_view payload,
                                                                int server_version);
/// Fails only when the message's own number cannot be read. Ids (see field_io.hpp) that are empty,
/// cut off or unreadable read as 2147483647, which is "not given". A count or another field that
/// decides what follows is always named (bad_count) when it cannot be read, and never a zero: the
/// value is taken with which the message is read to its end; where none fits, the message ends
/// there.
base::Result<Decoded<ServerMessage>, DecodeError> decode_server_tolerantly(std::string_view payload,
                                                                           int server_version);
base::Result<Decoded<ClientMessage>, DecodeError> decode_client(std::string_view payload,
                                                                int server_version);

/// Reads one message after the other, each as decode_server_tolerantly does. What an order's
/// reports have in common, byte for byte, with those of the order before is compared and not read
/// again.
class ServerReader {
 public:
  ServerReader();
  ServerReader(ServerReader&&) noexcept;
  ~ServerReader();
  /// The message is valid until the next call.
  base::Result<const Decoded<ServerMessage>*, DecodeError> read(std::string_view payload,
                                                                int server_version);

 private:
  struct Last;
  std::unique_ptr<Last[]> last_;
};

struct EncodeOptions {
  /// execDetails and commissionReport end with one more empty field, as live gateways of version
  /// 200 send them.
  bool extra_trailing_field = false;
};

/// Appends one complete frame with its length prefix. A NUL inside a text becomes '?', since it
/// would shift every later field; find_unsendable tells before. Any message struct can be given
/// directly, it converts to its variant.
void encode(const ServerMessage& message, int server_version, std::string& out,
            const EncodeOptions& options = {});
void encode(const ClientMessage& message, int server_version, std::string& out);
/// The longest, which is sent most, without the moves into the variant.
void encode(const PlaceOrder& message, int server_version, std::string& out);

/// The first text a real server would not accept from a client: bytes other than printable ASCII,
/// TAB, CR and LF (official clients refuse these with error 579). The reason is bad_text.
std::optional<DecodeError> find_unsendable(const ClientMessage& message, int server_version);

/// IB's name ("openOrder"), "unknown" for unknown ids.
std::string_view name(const ServerMessage& message);
std::string_view name(const ClientMessage& message);
/// The wire id.
std::int32_t id(const ServerMessage& message);
std::int32_t id(const ClientMessage& message);

/// The fields of a message as one JSON object under IB's field names; what is not given is null.
void print_json(const ServerMessage& message, base::JsonWriter& out,
                int server_version = max_server_version);
void print_json(const ClientMessage& message, base::JsonWriter& out,
                int server_version = max_server_version);

}  // namespace belay::tws::wire
