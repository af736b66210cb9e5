// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
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
  if (is_reading || is_paused) return;
  is_reading = true;
  socket.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
    self->is_reading = false;
    if (self->is_closed || self->is_paused) return;
    std::size_t size = 0;
    ReadBuffer& in = LoopAccess::read_buffer(self->loop);
    if (!error) size = self->socket.read_some(asio::buffer(in), error);
    const bool again = error == asio::error::would_block || error == asio::error::try_again;
    if (error && !again) return self->fail(reason_of(error));
    const bool wanted = !again && !self->close_after_queue && self->handlers.on_bytes;
    if (wanted) self->handlers.on_bytes({in.data(), size});
    if (!self->is_closed) self->read();
  });
}

void TcpStream::Impl::write(std::string_view bytes) {
  if (is_closed || is_failing || close_after_queue || !is_connected || bytes.empty()) return;
  if (queue.empty()) {
    error_code error;
    const std::size_t sent = socket.write_some(asio::buffer(bytes.data(), bytes.size()), error);
    if (error && error != asio::error::would_block && error != asio::error::try_again) {
      return fail_later(reason_of(error));
    }
    bytes.remove_prefix(sent);
    if (bytes.empty()) return;
  }
  if (queue.size() - queue_sent + bytes.size() > queue_cap) {
    return fail_later(
        fmt::format("the peer does not read: more than {} bytes wait to be sent", queue_cap));
  }
  queue.append(bytes);
  write_queue();
}

void TcpStream::Impl::write_queue() {
  if (is_writing) return;
  is_writing = true;
  // async_wait and not async_write: the queue may grow and move while the kernel's buffer is full.
  socket.async_wait(tcp::socket::wait_write, [self = shared_from_this()](error_code error) {
    self->is_writing = false;
    if (self->is_closed || self->is_failing) return;
    std::size_t sent = 0;
    if (!error) {
      const auto rest = asio::buffer(self->queue.data() + self->queue_sent,
                                     self->queue.size() - self->queue_sent);
      sent = self->socket.write_some(rest, error);
    }
    self->after_write(error, sent);
  });
}

void TcpStream::Impl::after_write(error_code error, std::size_t written) {
  if (error && error != asio::error::would_block && error != asio::error::try_again) {
    return fail(reason_of(error));
  }
  queue_sent += written;
  if (queue_sent == queue.size()) {
    std::string().swap(queue);
    queue_sent = 0;
    if (close_after_queue) return finish_sending();
    if (handlers.on_drained) handlers.on_drained();
    return;
  }
  // Drop what was sent when it is most of the buffer: each byte is moved at most once on average.
  if (queue_sent > queue.size() / 2) {
    queue.erase(0, queue_sent);
    queue_sent = 0;
  }
  write_queue();
}

// A close with unread input makes the kernel send a reset, which can destroy the answer on its way
// to the peer. So: end our direction, throw away what still comes, close at the peer's end.
void TcpStream::Impl::finish_sending() {
  error_code ignored;
  socket.shutdown(tcp::socket::shutdown_send, ignored);
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
std::size_t TcpStream::queued() const {
  return impl_ ? impl_->queue.size() - impl_->queue_sent : 0;
}
void TcpStream::close() {
  if (impl_) impl_->close();
}
void TcpStream::close_when_sent(base::Duration limit) {
  if (!impl_ || impl_->is_closed) return;
  if (!impl_->is_connected) return impl_->close();
  if (impl_->close_after_queue) return;
  impl_->close_after_queue = true;
  if (impl_->queue.empty()) impl_->finish_sending();
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
