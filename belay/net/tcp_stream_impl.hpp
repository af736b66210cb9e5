// SPDX-License-Identifier: Apache-2.0
// The inside of TcpStream, shared by the stream and the listener that makes streams. Private to
// belay/net: it is the one header that shows Asio's sockets.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "belay/net/tcp.hpp"

namespace belay::net {

/// Life: connecting or started -> open -> (draining) -> closed. The operations in flight hold a
/// shared pointer, so the object outlives every callback; `closed` is what silences it.
struct TcpStream::Impl : std::enable_shared_from_this<TcpStream::Impl> {
  using Socket = boost::asio::ip::tcp::socket;
  Impl(Loop& owner, Socket accepted);
  explicit Impl(Loop& owner);

  void connect(const ConnectOptions& options);
  void opened();
  void read();
  bool may_write() const { return !is_closed && !is_failing && !close_after_queue && is_connected; }
  void write(std::string_view bytes);
  void write(const std::vector<SharedBytes>& pieces);
  /// Gives the kernel what it takes of the queue, a bounded number of pieces.
  boost::system::error_code send_some();
  void sent(std::size_t size);
  void write_queue();
  void after_write(boost::system::error_code error);
  void fail(const std::string& reason);
  /// For failures found inside write(): the handler runs in a later callback.
  void fail_later(std::string reason);
  void finish_sending();
  void close();

  Loop& loop;
  Socket socket;
  boost::asio::ip::tcp::resolver resolver;
  StreamHandlers handlers;
  std::size_t queue_cap = default_queue_cap;
  std::deque<SharedBytes> queue;
  std::shared_ptr<std::string> tail;  // the last of the queue, while it may still grow
  std::size_t front_sent = 0;         // bytes of the first that the kernel has
  std::size_t queued = 0;             // bytes that it has not
  Handle deadline;
  bool is_connected = false;
  bool is_closed = false;
  bool is_failing = false;
  bool is_writing = false;
  bool close_after_queue = false;
  bool is_reading = false;  // an operation waits for the peer's bytes
  bool is_paused = false;
  bool peer_ended = false;  // its direction; nothing is read any more
};

}  // namespace belay::net
