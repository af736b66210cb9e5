// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/alert_webhook.hpp"

#include <fmt/format.h>

namespace belay::app {

WebhookSink::WebhookSink(net::Loop& loop, Options options, Log log)
    : loop_(loop), options_(std::move(options)), log_(std::move(log)), queue_(options_.queue) {}

void WebhookSink::send(const views::Alert& alert) {
  queue_.push(alert, loop_.now());
  pump();
}

std::string WebhookSink::request(const std::string& body) const {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: belay\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
      options_.url.target, options_.url.host, options_.url.port, body.size(), body);
}

void WebhookSink::pump() {
  if (attempt_) return;
  attempt_ = queue_.take(loop_.now());
  if (!attempt_) {
    const base::Time next = queue_.next();
    if (next == base::never) return timer_.cancel();
    timer_ = loop_.at(next, [this] { pump(); });
    return;
  }
  answer_.clear();
  stream_ = net::TcpStream::connect(
      loop_, {.to = {options_.url.host, options_.url.port}, .timeout = options_.timeout},
      {.on_connected = [this] { stream_.write(request(attempt_->alert.json)); },
       .on_bytes = [this](std::string_view bytes) { received(bytes); },
       .on_closed = [this](const std::string& why) { ended(false, why); },
       .on_drained = {}});
  deadline_ = loop_.after(options_.timeout, [this] { ended(false, "no answer in time"); });
}

// The status line is all that matters: "HTTP/1.1 204 ...".
void WebhookSink::received(std::string_view bytes) {
  constexpr std::size_t answer_max = 4096;
  answer_.append(bytes.substr(0, answer_max - std::min(answer_max, answer_.size())));
  const std::size_t end = answer_.find("\r\n");
  if (end == std::string::npos) {
    if (answer_.size() >= answer_max) ended(false, "the answer is not HTTP");
    return;
  }
  const std::string line = answer_.substr(0, end);
  const bool http = line.substr(0, 7) == "HTTP/1." && line.size() >= 12;
  ended(http && line[9] == '2', fmt::format("the answer is \"{}\"", line.substr(0, 100)));
}

void WebhookSink::ended(bool delivered, const std::string& why) {
  if (!attempt_) return;
  deadline_.cancel();
  stream_.close();
  const bool given_up = queue_.done(attempt_->number, delivered, loop_.now());
  attempt_.reset();
  if (!delivered) {
    log_(fmt::format("alert webhook {}:{}: {}{}", options_.url.host, options_.url.port, why,
                     given_up ? "; the alert is given up" : ""));
  }
  // Not from inside the stream's callback.
  timer_ = loop_.after(base::Duration(0), [this] { pump(); });
}

}  // namespace belay::app
