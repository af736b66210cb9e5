// SPDX-License-Identifier: Apache-2.0
// TCP over the loop: a listener that hands out accepted streams, and a stream of bytes in both
// directions. Writes are tried at once; only what the kernel does not take is queued, in a bounded
// buffer. A peer that does not read is cut with a reason. No framing, no TLS, no retry of a lost
// connection; those belong to the sessions above.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/result.hpp"
#include "belay/base/time.hpp"
#include "belay/net/loop.hpp"

namespace belay::net {

/// Bytes that several streams may send, and that nobody changes.
using SharedBytes = std::shared_ptr<const std::string>;

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};

/// Any of these may destroy the stream that calls it. None is called from inside write() or
/// close(), and none after the stream is destroyed or close() was called.
struct StreamHandlers {
  std::function<void()> on_connected;  ///< connect() only
  std::function<void(std::string_view bytes)> on_bytes;
  /// Once; the reason says who ended it and why ("connection refused", "closed by the peer").
  std::function<void(const std::string& reason)> on_closed;
  std::function<void()> on_drained;  ///< everything queued has been given to the kernel
  /// Once: the peer has ended its direction and may still read. Whether it does nobody can tell
  /// before something is sent, so whoever sets this bounds how long the stream stays. Without it
  /// the peer's end is the end of the stream.
  std::function<void()> on_end = {};
};

class TcpStream {
 public:
  static constexpr std::size_t default_queue_cap = 8 * 1024 * 1024;

  struct ConnectOptions {
    Endpoint to;
    base::Duration timeout = std::chrono::seconds(10);
    std::size_t queue_cap = default_queue_cap;
  };
  /// Starts to connect; on_connected or on_closed follows.
  static TcpStream connect(Loop& loop, const ConnectOptions& options, StreamHandlers handlers);

  TcpStream() = default;  ///< closed
  TcpStream(TcpStream&&) noexcept = default;
  TcpStream& operator=(TcpStream&& other) noexcept;
  ~TcpStream();

  /// For accepted streams: sets the handlers and begins to read.
  void start(StreamHandlers handlers, std::size_t queue_cap = default_queue_cap);

  /// While paused nothing is read: what the peer sends waits with the kernel and then with the
  /// peer. Its end is noticed when reading goes on, or when a write fails.
  void pause(bool paused);
  /// How much the kernel may hold for the peer.
  void limit_send_buffer(int bytes);

  /// Sends now what the kernel takes and queues the rest. A queue above the cap closes the stream
  /// with a reason. Bytes written to a closed stream vanish.
  void write(std::string_view bytes);
  /// The same for pieces in this sequence, which are not copied.
  void write(const std::vector<SharedBytes>& pieces);
  std::size_t queued() const;
  /// Closes now; queued bytes are dropped and no handler is called any more.
  void close();
  /// Sends the queue, ends our direction, and closes when the peer does (at most `limit` from
  /// now). No handler is called any more; the stream object may go.
  void close_when_sent(base::Duration limit = std::chrono::seconds(2));
  bool is_open() const;
  /// "127.0.0.1:54321", empty before the connection stands.
  std::string remote() const;

 private:
  friend class TcpListener;
  struct Impl;
  explicit TcpStream(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

class TcpListener {
 public:
  /// Binds and listens; port 0 takes any free one. The error names host and port and what is
  /// wrong with them.
  static base::Result<TcpListener> listen(Loop& loop, const Endpoint& at,
                                          std::function<void(TcpStream)> on_accept);
  TcpListener(TcpListener&&) noexcept = default;
  TcpListener& operator=(TcpListener&& other) noexcept;
  ~TcpListener();
  std::uint16_t port() const;
  void close();

 private:
  struct Impl;
  explicit TcpListener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace belay::net
