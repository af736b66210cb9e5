// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/alert_queue.hpp"

#include <doctest/doctest.h>

#include "apps/belay/alert_targets.hpp"

using namespace belay::app;
using belay::base::Time;
using belay::views::Alert;
using std::chrono::seconds;

namespace {

Alert alert(std::uint64_t seq) {
  Alert out;
  out.seq = seq;
  out.kind = "test";
  return out;
}

}  // namespace

TEST_CASE("alert queue: one at a time, in the order they were raised") {
  AlertQueue queue({});
  const Time now(1000);
  queue.push(alert(1), now);
  queue.push(alert(2), now);
  const auto first = queue.take(now);
  REQUIRE(first.has_value());
  CHECK(first->alert.seq == 1);
  CHECK_FALSE(queue.take(now).has_value());
  CHECK(queue.next() == belay::base::never);
  CHECK(queue.stats().waiting == 2);
  queue.done(first->number, true, now);
  CHECK(queue.take(now)->alert.seq == 2);
  CHECK(queue.stats().delivered == 1);
}

TEST_CASE("alert queue: a failure is tried again after a pause that doubles, then given up") {
  AlertQueueOptions options;
  options.attempts = 3;
  AlertQueue queue(options);
  Time now(0);
  queue.push(alert(1), now);
  for (const int pause : {1, 2}) {
    const auto attempt = queue.take(now);
    REQUIRE(attempt.has_value());
    CHECK_FALSE(queue.done(attempt->number, false, now));
    CHECK(queue.next() == now + seconds(pause));
    CHECK_FALSE(queue.take(now).has_value());
    now = queue.next();
  }
  CHECK(queue.done(queue.take(now)->number, false, now));
  CHECK(queue.next() == belay::base::never);
  CHECK(queue.stats().failed == 3);
  CHECK(queue.stats().given_up == 1);
  CHECK(queue.stats().waiting == 0);
}

TEST_CASE("alert queue: one that fails holds nobody up") {
  AlertQueue queue({});
  const Time now(0);
  queue.push(alert(1), now);
  queue.push(alert(2), now);
  queue.done(queue.take(now)->number, false, now);
  CHECK(queue.take(now)->alert.seq == 2);
}

TEST_CASE("alert queue: bounded, the oldest give way and are counted") {
  AlertQueueOptions options;
  options.max = 2;
  AlertQueue queue(options);
  for (std::uint64_t seq = 1; seq <= 5; ++seq) queue.push(alert(seq), Time(0));
  CHECK(queue.stats().dropped == 3);
  CHECK(queue.take(Time(0))->alert.seq == 4);
}

TEST_CASE("alert queue: the end of something that is not under way changes nothing") {
  AlertQueue queue({});
  CHECK_FALSE(queue.done(7, true, Time(0)));
  CHECK(queue.stats().delivered == 0);
}

TEST_CASE("alert targets: a webhook is an http address") {
  const auto url = parse_http_url("http://127.0.0.1:9000/hook?a=b");
  REQUIRE(url.has_value());
  CHECK(url->host == "127.0.0.1");
  CHECK(url->port == 9000);
  CHECK(url->target == "/hook?a=b");
  CHECK(parse_http_url("http://pager")->port == 80);
  CHECK(parse_http_url("http://pager")->target == "/");
  for (const char* wrong : {"https://a/", "pager", "http://", "http://a:0/", "http://a:99999/",
                            "http://a:x/", "http://a b/", "http://user@a/", "http://a/\r\nX: y"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_http_url(wrong).has_value());
  }
}

TEST_CASE("alert targets: a command is words; quotes keep a word together and no shell is asked") {
  using Words = std::vector<std::string>;
  CHECK(*split_words("notify --to alice") == Words{"notify", "--to", "alice"});
  CHECK(*split_words("  sh -c 'cat > \"/tmp/a b\"' ") == Words{"sh", "-c", "cat > \"/tmp/a b\""});
  CHECK(*split_words("a \"b c\"d ''") == Words{"a", "b cd", ""});
  CHECK(split_words("")->empty());
  CHECK_FALSE(split_words("a 'b").has_value());
}
