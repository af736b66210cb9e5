// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/http_caller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "belay/base/check.hpp"

namespace belay::simulation {

void HttpCaller::call(const std::string& method, const std::string& path,
                      const std::map<std::string, std::string>& headers, const std::string& body,
                      std::function<void(const Answer&)> done) {
  BELAY_CHECK(!busy_);
  busy_ = true;
  done_ = std::move(done);
  request_ = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:8001\r\n", method, path);
  for (const auto& [name, value] : headers) request_ += fmt::format("{}: {}\r\n", name, value);
  if (!body.empty()) {
    request_ +=
        fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  }
  request_ += "\r\n" + body;
  timer_ = scheduler_.after(timeout_, [this] { lose(); });
  if (end_ != simkit::Net::no_end && net_.is_open(end_)) return send();
  *current_ = false;
  current_ = std::make_shared<bool>(true);
  const auto current = current_;
  net_.connect("api",
               {.on_bytes =
                    [this, current](std::string_view data) {
                      if (*current) bytes(data);
                    },
                .on_closed =
                    [this, current](const std::string&) {
                      if (!*current) return;
                      end_ = simkit::Net::no_end;
                      if (busy_) lose();
                    }},
               [this, current, net = &net_](simkit::Net::End end) {
                 if (!*current) {
                   if (end != simkit::Net::no_end) net->close(end);
                   return;
                 }
                 end_ = end;
                 if (end == simkit::Net::no_end) return lose();
                 send();
               });
}

HttpCaller::~HttpCaller() {
  *current_ = false;
  if (busy_) scheduler_.cancel(timer_);
  if (end_ != simkit::Net::no_end) net_.close(end_);
}

void HttpCaller::send() {
  received_.clear();
  net_.send(end_, request_);
}

void HttpCaller::bytes(std::string_view data) {
  if (!busy_) return;
  received_ += data;
  const std::size_t head_end = received_.find("\r\n\r\n");
  if (head_end == std::string::npos) return;
  Answer answer;
  answer.lost = false;
  std::size_t pos = received_.find("\r\n");
  answer.status = std::atoi(received_.substr(received_.find(' ') + 1, 3).c_str());
  while (pos < head_end) {
    const std::size_t next = received_.find("\r\n", pos + 2);
    const std::string line = received_.substr(pos + 2, next - pos - 2);
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) {
      std::string name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      const std::size_t value = line.find_first_not_of(' ', colon + 1);
      answer.headers[name] = value == std::string::npos ? "" : line.substr(value);
    }
    pos = next;
  }
  const auto length =
      static_cast<std::size_t>(std::atoll(answer.headers["content-length"].c_str()));
  if (received_.size() < head_end + 4 + length) return;
  answer.body = received_.substr(head_end + 4, length);
  finish(answer);
}

void HttpCaller::finish(const Answer& answer) {
  busy_ = false;
  scheduler_.cancel(timer_);
  const auto done = std::move(done_);
  done(answer);
}

void HttpCaller::lose() {
  if (!busy_) return;
  // An answer that comes after its time must not be taken for the next one's.
  *current_ = false;
  if (end_ != simkit::Net::no_end) {
    net_.close(end_);
    end_ = simkit::Net::no_end;
  }
  finish(Answer{});
}

}  // namespace belay::simulation
