// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <span>
#include <utility>

#include "belay/net/loop_access.hpp"
#include "belay/net/tcp.hpp"
#include "belay/net/tcp_stream_impl.hpp"

namespace belay::net {
namespace {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::string reason_of(error_code error) {
  if (error == asio::error::eof) return "closed by the peer";
  if (error == asio::error::connection_reset) return "reset by the peer";
  if (error == asio::error::connection_refused) return "connection refused";
  return error.message();
}

bool is_fault(error_code error) {
  return error && error != asio::error::would_block && error != asio::error::try_again;
}
std::string peer_reads_not(std::size_t cap) {
  return fmt::format("the peer does not read: more than {} bytes wait to be sent", cap);
}

// One callback gives the kernel at most so many pieces so many times.
constexpr std::size_t pieces_at_once = 64;
constexpr int sends_at_once = 4;
// A piece that is longer does not grow any more.
constexpr std::size_t tail_enough = 16 * 1024;

}  // namespace

TcpStream::Impl::Impl(Loop& owner, Socket accepted)
    : loop(owner), socket(std::move(accepted)), resolver(LoopAccess::context(owner)) {}
TcpStream::Impl::Impl(Loop& owner)
    : loop(owner), socket(LoopAccess::context(owner)), resolver(LoopAccess::context(owner)) {}

void TcpStream::Impl::connect(const ConnectOptions& options) {
  const std::string where = fmt::format("{}:{}", options.to.host, options.to.port);
  deadline = loop.after(options.timeout, [this, where, timeout = options.timeout] {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
    fail(fmt::format("no connection to {} within {} ms", where, ms));
  });
  auto finish = [self = shared_from_this(), where](error_code error) {
    if (self->is_closed) return;
    if (error) return self->fail(fmt::format("cannot connect to {}: {}", where, reason_of(error)));
    self->deadline.cancel();
    self->opened();
    if (self->handlers.on_connected) self->handlers.on_connected();
    if (!self->is_closed) self->read();
  };
  error_code error;
  const auto address = asio::ip::make_address(options.to.host, error);
  if (!error) {  // a literal address needs no resolver thread
    socket.async_connect(tcp::endpoint(address, options.to.port), std::move(finish));
    return;
  }
  resolver.async_resolve(
      options.to.host, std::to_string(options.to.port),
      [self = shared_from_this(), finish](error_code failed, tcp::resolver::results_type found) {
        if (self->is_closed) return;
        if (failed) return finish(failed);
        asio::async_connect(self->socket, found,
                            [finish](error_code result, const tcp::endpoint&) { finish(result); });
      });
}

void TcpStream::Impl::opened() {
  is_connected = true;
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
}

// Waits until there is something and reads it into the loop's one buffer: a connection that says
// nothing has none of its own.
void TcpStream::Impl::read() {
  if (is_reading || is_paused || peer_ended) return;
  is_reading = true;
  socket.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
    self->is_reading = false;
    if (self->is_closed || self->is_paused) return;
    std::size_t size = 0;
    ReadBuffer& in = LoopAccess::read_buffer(self->loop);
    if (!error) size = self->socket.read_some(asio::buffer(in), error);
    const bool again = error == asio::error::would_block || error == asio::error::try_again;
    if (error == asio::error::eof && !self->close_after_queue && self->handlers.on_end) {
      self->peer_ended = true;
      return self->handlers.on_end();
    }
    if (error && !again) return self->fail(reason_of(error));
    const bool wanted = !again && !self->close_after_queue && self->handlers.on_bytes;
    if (wanted) self->handlers.on_bytes({in.data(), size});
    if (!self->is_closed) self->read();
  });
}

void TcpStream::Impl::write(std::string_view bytes) {
  if (!may_write() || bytes.empty()) return;
  if (queued == 0) {
    error_code error;
    const std::size_t size = socket.write_some(asio::buffer(bytes.data(), bytes.size()), error);
    if (is_fault(error)) return fail_later(reason_of(error));
    bytes.remove_prefix(size);
    if (bytes.empty()) return;
  }
  if (queued + bytes.size() > queue_cap) return fail_later(peer_reads_not(queue_cap));
  // Small writes grow into one piece, so that many of them are one packet.
  if (tail == nullptr || tail->size() >= tail_enough) {
    tail = std::make_shared<std::string>();
    queue.push_back(tail);
  }
  tail->append(bytes);
  queued += bytes.size();
  write_queue();
}

void TcpStream::Impl::write(const std::vector<SharedBytes>& pieces) {
  if (!may_write()) return;
  const bool was_empty = queued == 0;
  for (const SharedBytes& piece : pieces) {
    if (piece->empty()) continue;
    queue.push_back(piece);
    queued += piece->size();
    tail.reset();
  }
  if (queued > queue_cap) return fail_later(peer_reads_not(queue_cap));
  if (queued == 0) return;
  if (was_empty) {
    const error_code error = send_some();
    if (is_fault(error)) return fail_later(reason_of(error));
  }
  if (queued != 0) write_queue();
}

error_code TcpStream::Impl::send_some() {
  error_code error;
  for (int i = 0; i < sends_at_once && queued != 0 && !error; ++i) {
    std::array<asio::const_buffer, pieces_at_once> buffers;
    std::size_t count = 0;
    for (; count < std::min(buffers.size(), queue.size()); ++count) {
      const std::size_t from = count == 0 ? front_sent : 0;
      buffers[count] = asio::buffer(queue[count]->data() + from, queue[count]->size() - from);
    }
    sent(socket.write_some(std::span(buffers.data(), count), error));
  }
  return error;
}

void TcpStream::Impl::sent(std::size_t size) {
  queued -= size;
  size += front_sent;
  while (!queue.empty() && size >= queue.front()->size()) {
    size -= queue.front()->size();
    queue.pop_front();
  }
  front_sent = size;
  if (!queue.empty()) return;
  tail.reset();
  std::deque<SharedBytes>().swap(queue);
}

void TcpStream::Impl::write_queue() {
  if (is_writing) return;
  is_writing = true;
  // async_wait and not async_write: the queue may grow while the kernel's buffer is full.
  socket.async_wait(tcp::socket::wait_write, [self = shared_from_this()](error_code error) {
    self->is_writing = false;
    if (self->is_closed || self->is_failing) return;
    if (!error) error = self->send_some();
    self->after_write(error);
  });
}

void TcpStream::Impl::after_write(error_code error) {
  if (is_fault(error)) return fail(reason_of(error));
  if (queued != 0) return write_queue();
  if (close_after_queue) return finish_sending();
  if (handlers.on_drained) handlers.on_drained();
}

// A close with unread input makes the kernel send a reset, which can destroy the answer on its way
// to the peer. So: end our direction, throw away what still comes, close at the peer's end.
void TcpStream::Impl::finish_sending() {
  error_code ignored;
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  if (peer_ended) close();
}

void TcpStream::Impl::fail(const std::string& reason) {
  if (is_closed) return;
  const bool tell = !close_after_queue;
  const auto keep = shared_from_this();
  close();
  if (tell && handlers.on_closed) handlers.on_closed(reason);
}

void TcpStream::Impl::fail_later(std::string reason) {
  is_failing = true;
  loop.post([self = shared_from_this(), reason = std::move(reason)] { self->fail(reason); });
}

void TcpStream::Impl::close() {
  if (is_closed) return;
  is_closed = true;
  error_code ignored;
  resolver.cancel();
  socket.close(ignored);
  deadline.cancel();
  // The functions may be running right now; they are released in a later callback, which also
  // breaks a cycle through what they captured.
  loop.post([self = shared_from_this()] { self->handlers = {}; });
}

TcpStream TcpStream::connect(Loop& loop, const ConnectOptions& options, StreamHandlers handlers) {
  auto impl = std::make_shared<Impl>(loop);
  impl->handlers = std::move(handlers);
  impl->queue_cap = options.queue_cap;
  impl->connect(options);
  return TcpStream(std::move(impl));
}

TcpStream& TcpStream::operator=(TcpStream&& other) noexcept {
  if (this != &other) {
    close();
    impl_ = std::move(other.impl_);
  }
  return *this;
}
// A stream that is still sending its last bytes finishes alone; every other one is cut.
TcpStream::~TcpStream() {
  if (impl_ && !impl_->close_after_queue) close();
}

void TcpStream::start(StreamHandlers handlers, std::size_t queue_cap) {
  impl_->handlers = std::move(handlers);
  impl_->queue_cap = queue_cap;
  impl_->opened();
  impl_->read();
}
void TcpStream::pause(bool paused) {
  if (!impl_ || impl_->is_closed) return;
  impl_->is_paused = paused;
  if (impl_->is_connected) impl_->read();
}
void TcpStream::limit_send_buffer(int bytes) {
  error_code ignored;
  if (impl_) impl_->socket.set_option(asio::socket_base::send_buffer_size(bytes), ignored);
}

void TcpStream::write(std::string_view bytes) {
  if (impl_) impl_->write(bytes);
}
void TcpStream::write(const std::vector<SharedBytes>& pieces) {
  if (impl_) impl_->write(pieces);
}
std::size_t TcpStream::queued() const {
  return impl_ ? impl_->queued : 0;
}
void TcpStream::close() {
  if (impl_) impl_->close();
}
void TcpStream::close_when_sent(base::Duration limit) {
  if (!impl_ || impl_->is_closed) return;
  if (!impl_->is_connected) return impl_->close();
  if (impl_->close_after_queue) return;
  impl_->close_after_queue = true;
  if (impl_->queued == 0) impl_->finish_sending();
  if (impl_->is_closed) return;
  impl_->deadline = impl_->loop.after(limit, [raw = impl_.get()] { raw->close(); });
}
bool TcpStream::is_open() const {
  return impl_ && !impl_->is_closed;
}

std::string TcpStream::remote() const {
  if (!impl_) return "";
  error_code error;
  const auto endpoint = impl_->socket.remote_endpoint(error);
  if (error) return "";
  return fmt::format("{}:{}", endpoint.address().to_string(), endpoint.port());
}

}  // namespace belay::net
