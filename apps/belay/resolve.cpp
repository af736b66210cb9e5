// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/resolve.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <memory>

namespace belay::app {

base::Result<std::string> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return base::fail("TWS_HOST", host + " cannot be resolved: " + gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> guard(found, &freeaddrinfo);
  const addrinfo* chosen = found;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (each->ai_family == AF_INET) {
      chosen = each;
      break;
    }
  }
  char text[NI_MAXHOST];
  if (getnameinfo(chosen->ai_addr, chosen->ai_addrlen, text, sizeof text, nullptr, 0,
                  NI_NUMERICHOST) != 0) {
    return base::fail("TWS_HOST", host + " has no address");
  }
  return std::string(text);
}

}  // namespace belay::app
