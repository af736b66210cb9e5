// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "belay/net/loop_access.hpp"
#include "belay/net/tcp.hpp"
#include "belay/net/tcp_stream_impl.hpp"

namespace belay::net {
namespace {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// With every descriptor in use accept fails at once, again and again: wait instead of spinning.
constexpr auto accept_pause = std::chrono::milliseconds(100);

base::Result<tcp::endpoint> resolve_local(Loop& loop, const Endpoint& at) {
  error_code error;
  const auto address =
      asio::ip::make_address(at.host == "localhost" ? "127.0.0.1" : at.host, error);
  if (!error) return tcp::endpoint(address, at.port);
  tcp::resolver resolver(LoopAccess::context(loop));
  const auto found = resolver.resolve(at.host, std::to_string(at.port), error);
  if (error || found.empty()) {
    return base::fail("host", fmt::format("cannot resolve {}: {}", at.host, error.message()));
  }
  return found.begin()->endpoint();
}

}  // namespace

struct TcpListener::Impl : std::enable_shared_from_this<Impl> {
  Impl(Loop& owner, std::function<void(TcpStream)> fn)
      : loop(owner), acceptor(LoopAccess::context(owner)), on_accept(std::move(fn)) {}

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (!self->acceptor.is_open()) return;
      if (error) {
        self->pause = self->loop.after(accept_pause, [raw = self.get()] { raw->accept(); });
        return;
      }
      auto stream = std::make_shared<TcpStream::Impl>(self->loop, std::move(socket));
      self->on_accept(TcpStream(std::move(stream)));
      if (self->acceptor.is_open()) self->accept();
    });
  }

  Loop& loop;
  tcp::acceptor acceptor;
  std::function<void(TcpStream)> on_accept;
  Handle pause;
};

base::Result<TcpListener> TcpListener::listen(Loop& loop, const Endpoint& at,
                                              std::function<void(TcpStream)> on_accept) {
  const auto endpoint = resolve_local(loop, at);
  if (!endpoint) return base::Failure<base::Error>{endpoint.error()};
  auto impl = std::make_shared<Impl>(loop, std::move(on_accept));
  error_code error;
  impl->acceptor.open(endpoint->protocol(), error);
  if (!error) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl->acceptor.bind(*endpoint, error);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    const char* hint = error == asio::error::address_in_use
                           ? " (another program listens there; choose another port or stop it)"
                           : "";
    return base::fail("port", fmt::format("cannot listen on {}:{}: {}{}", at.host, at.port,
                                          error.message(), hint));
  }
  impl->accept();
  return TcpListener(std::move(impl));
}

TcpListener& TcpListener::operator=(TcpListener&& other) noexcept {
  if (this != &other) {
    close();
    impl_ = std::move(other.impl_);
  }
  return *this;
}
TcpListener::~TcpListener() {
  close();
}

std::uint16_t TcpListener::port() const {
  error_code error;
  const auto endpoint = impl_->acceptor.local_endpoint(error);
  return error ? std::uint16_t{0} : endpoint.port();
}

void TcpListener::close() {
  if (!impl_) return;
  error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->pause.cancel();
}

}  // namespace belay::net
