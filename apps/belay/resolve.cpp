// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/resolve.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <memory>

namespace belay::app {

namespace {

base::Result<std::string> resolve_for(const char* key, const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return base::fail(key, host + " cannot be resolved: " + gai_strerror(error));
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
    return base::fail(key, host + " has no address");
  }
  return std::string(text);
}

}  // namespace

base::Result<std::string> resolve(const std::string& host) {
  return resolve_for("TWS_HOST", host);
}

bool is_loopback_address(const std::string& address) {
  in_addr four{};
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24U == 127;
  in6_addr six{};
  return inet_pton(AF_INET6, address.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six) != 0;
}

base::Result<std::string> resolve_api_host(const std::string& host) {
  auto address = resolve_for("API_HOST", host);
  if (!address || is_loopback_address(*address)) return address;
  return base::fail("API_HOST", host + " is the address " + *address +
                                    ", which is reachable from other machines; expected a loopback "
                                    "address such as 127.0.0.1");
}

}  // namespace belay::app
