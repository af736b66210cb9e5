// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/instance_lock.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <optional>
#include <thread>

namespace belay::journal {
namespace {

struct Address {
  sockaddr_un raw{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&raw); }
};

/// Abstract: a zero byte first, no file (unix(7)).
Address address_of(const std::string& name) {
  Address address;
  address.raw.sun_family = AF_UNIX;
  std::memcpy(&address.raw.sun_path[1], name.data(), name.size());
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return address;
}

/// Who listens under the name, as the kernel says; nothing when nobody does.
std::optional<ucred> holder(const Address& address) {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ucred peer{};
  socklen_t size = sizeof peer;
  if (!fd.valid() || ::connect(fd.get(), address.get(), address.size) != 0 ||
      ::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return std::nullopt;
  }
  return peer;
}

}  // namespace

base::Result<InstanceLock> InstanceLock::take(const std::string& host, std::uint16_t port,
                                              std::int32_t client_id) {
  const std::string what = fmt::format("client id {} at {}:{}", client_id, host, port);
  const std::string name = fmt::format("belay.{}.{}.{}.{}", ::geteuid(), host, port, client_id);
  if (name.size() > sizeof(sockaddr_un::sun_path) - 1) {
    return base::fail("TWS_HOST", "the address is too long: " + host);
  }
  const Address address = address_of(name);
  InstanceLock lock;
  lock.socket_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int fd = lock.socket_.get();
  if (fd < 0) return base::fail(what, std::strerror(errno));
  if (::bind(fd, address.get(), address.size) == 0) {
    if (::listen(fd, 1) != 0) return base::fail(what, std::strerror(errno));
    return lock;
  }
  if (errno != EADDRINUSE) return base::fail(what, std::strerror(errno));
  // A daemon listens right after it has the name; a name that nobody listens under is no daemon's.
  constexpr int looks = 20;
  std::optional<ucred> peer;
  for (int i = 0; i < looks && !peer; ++i) {
    if (i != 0) std::this_thread::sleep_for(std::chrono::milliseconds(25));
    peer = holder(address);
  }
  if (peer && peer->uid == ::geteuid()) {
    return base::fail("CLIENT_ID",
                      fmt::format("process {} already uses {} on this machine; stop it or choose "
                                  "another CLIENT_ID",
                                  peer->pid, what));
  }
  lock.socket_ = UniqueFd();
  lock.taken_by_ =
      peer ? fmt::format("process {} of user {}", peer->pid, peer->uid) : "an unknown process";
  return lock;
}

}  // namespace belay::journal
