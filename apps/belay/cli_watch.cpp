// SPDX-License-Identifier: Apache-2.0
// `belay watch`: the event stream, through restarts of the daemon, without an event left out.
#include "apps/belay/cli_watch.hpp"

#include <fmt/format.h>

#include <charconv>
#include <thread>

#include "apps/belay/cli_commands.hpp"
#include "apps/belay/cli_tables.hpp"

namespace belay::app {
namespace {

using api::Json;
using std::chrono::seconds;

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Where the stream goes on when what was asked for is not there.
std::string gap_words(std::uint64_t asked, std::uint64_t first, std::uint64_t head) {
  if (asked > head) {
    return fmt::format(
        "there is no event {} yet, the newest is {}: events from {} on are shown "
        "when they happen\n",
        asked, head, head + 1);
  }
  return fmt::format("events {} to {} are no longer kept: shown from {} on\n", asked, first - 1,
                     first);
}

// What follows the name of a line, without the blank before it.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (line.substr(0, name.size()) != name) return std::nullopt;
  line.remove_prefix(name.size());
  if (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return line;
}

}  // namespace

EventReader::EventReader(bool as_json, std::optional<std::uint64_t> count, Printer print,
                         Printer complain)
    : as_json_(as_json), count_(count), print_(std::move(print)), complain_(std::move(complain)) {}

bool EventReader::read(std::string_view line) {
  if (const auto name = value_of(line, "event:")) {
    event_name_ = *name;
  } else if (const auto number = value_of(line, "id:")) {
    id_ = number_of(*number);
  } else if (const auto data = value_of(line, "data:")) {
    take(*data);
  } else if (line.empty()) {
    event_name_.clear();
  }
  return !count_ || seen_ < *count_;
}

void EventReader::take(std::string_view data) {
  const auto json = Json::parse(data);
  if (event_name_.empty()) {
    const bool plain = as_json_ || !json.has_value();
    print_((plain ? std::string(data) : event_line(json.value())) + "\n");
    last_ = id_;
    ++seen_;
    return;
  }
  if (!json.has_value()) return;
  const std::uint64_t head = number_of(json->text_of("head"));
  if (event_name_ == "gap") {
    const std::uint64_t asked = number_of(json->text_of("asked"));
    const std::uint64_t first = number_of(json->text_of("first"));
    complain_(gap_words(asked, first, head));
    last_ = asked > head ? head : first - 1;
  } else if (event_name_ == "heartbeat" && !last_) {
    // The first line of a stream that nobody told where to begin: it begins behind this event.
    last_ = head;
  }
}

Exit CliCommands::watch(std::optional<std::uint64_t> from, std::optional<std::uint64_t> count) {
  if (count && *count == 0) return Exit::done;
  EventReader reader(options_.json, count, print_, complain_);
  if (from) reader.begin_at(*from);
  bool connected = false;  // once
  bool lost = false;       // and it was said
  const auto on_line = [&](std::string_view line) {
    if (lost) complain_(fmt::format("connected to {} again\n", options_.address));
    if (!connected && !options_.json) {
      complain_(fmt::format("connected to {}: events are shown as they happen; Ctrl-C ends\n",
                            options_.address));
    }
    connected = true;
    lost = false;
    return reader.read(line);
  };
  const auto complain_of_loss = [&](const std::string& why) {
    if (std::exchange(lost, true)) return;
    complain_(
        fmt::format("{}\n  it is asked again every second; the events after {} are shown then\n",
                    why, reader.last().value_or(0)));
  };
  // Where a stream is, each quarter of a minute has a heartbeat.
  http_.on_slow([&] {
    connected ? complain_of_loss("no answer from the daemon at " + options_.address)
              : say_waiting("no answer yet from " + options_.address);
  });
  for (;;) {
    CliRequest request{.method = "GET", .target = "/api/v1/events"};
    if (const auto last = reader.last()) {
      request.headers.emplace_back("Last-Event-ID", std::to_string(*last));
    }
    reader.restart();
    const auto ended = http_.stream(
        request, on_line, options_.timeout_s ? seconds(*options_.timeout_s) : read_timeout);
    if (ended && *ended) return Exit::done;
    if (!ended) {
      const Json problem = Json::parse(ended.error().detail).value_or(Json());
      const std::string why = problem.is_object() ? problem_text(problem) : ended.error().detail;
      if (connected) {
        complain_of_loss(why);
      } else {
        complain_(why + "\n");
        if (problem.is_object()) return exit_of_problem(problem);
        return ended.error().maybe_sent ? Exit::unknown : Exit::failed;
      }
    }
    // The daemon restarts or cut us: come back where we were.
    std::this_thread::sleep_for(seconds(1));
  }
}

}  // namespace belay::app
