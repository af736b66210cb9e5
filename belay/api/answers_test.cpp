// SPDX-License-Identifier: Apache-2.0
// No answer to a caller who waits denies what the broker has claimed. One order, and whatever the
// broker may say of it: statuses, refusals, fills, busts, lists of what is open and what is done,
// in any sequence, between placements, changes and cancels whose callers wait. Each answer is held
// against the claims that came before it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "belay/base/prng.hpp"
#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;
using std::chrono::milliseconds;

namespace {

struct Word {
  core::BrokerState state;
  const char* text;
};
using enum core::BrokerState;
constexpr Word said_words[] = {
    {pending, "PendingSubmit"}, {working, "PreSubmitted"}, {working, "Submitted"},
    {working, "Submitted"},     {held, "Inactive"},        {canceling, "PendingCancel"},
    {canceled, "Cancelled"},    {canceled, "Cancelled"},   {canceled, "ApiCancelled"},
    {rejected, "Inactive"},     {filled, "Filled"},        {filled, "Filled"},
    {unlisted, "Unheard"},
};

core::VerdictByRequest any_request(core::Verdict verdict) {
  return {verdict, verdict, verdict};
}
// As the table of codes has them.
core::BrokerNotice notice_of(std::uint64_t which) {
  using enum core::Verdict;
  struct Row {
    std::int32_t code;
    const char* text;
    core::Verdict verdict;
    core::VerdictByRequest meaning;
  };
  static const Row rows[] = {
      {201, "Order rejected", request_refused, {request_refused, replace_refused, std::nullopt}},
      {202, "Order Canceled - reason:", canceled, any_request(canceled)},
      {202, "Order Canceled - reason:too far", canceled, {request_refused, canceled, canceled}},
      {161,
       "not in a cancellable state",
       cancel_too_late,
       {std::nullopt, std::nullopt, cancel_too_late}},
      {10147, "OrderId is not found", cancel_unknown, {std::nullopt, std::nullopt, cancel_unknown}},
      {329,
       "type cannot be changed",
       replace_refused,
       {std::nullopt, replace_refused, std::nullopt}},
      {133, "submit failed", temporary, {temporary, temporary, std::nullopt}},
      {399, "Warning", information, any_request(information)},
      {4711, "in no table", unlisted, any_request(unlisted)},
  };
  const Row& row = rows[which % std::size(rows)];
  core::BrokerNotice out;
  out.code = row.code;
  out.text = row.text;
  out.verdict = row.verdict;
  out.by_request = row.meaning;
  return out;
}

class Story {
 public:
  explicit Story(std::uint64_t seed) : prng_(seed) {
    d_.connect();
    placing_ = d_.connection;
    const char* tif = prng_.chance(60) ? "DAY" : prng_.chance(50) ? "IOC" : "FOK";
    d_.ask("POST", "/api/v1/orders",
           fmt::format(R"({{"client_order_id":"a-1","symbol":"AAPL","action":"BUY",)"
                       R"("order_type":"LMT","quantity":100,"limit_price":"190.5",)"
                       R"("time_in_force":"{}"}})",
                       tif),
           prng_.chance(30) ? "Prefer: wait=20\r\n" : "");
    REQUIRE(d_.broker.placed.size() == 1);
    asks_.push_back({placing_, "place", 0});
  }
  /// What is wrong with an answer; empty: nothing.
  std::string play() {
    for (int i = 0; i < 14 && wrong_.empty(); ++i) {
      act();
      listen();
    }
    d_.pass(std::chrono::seconds(70));
    listen();
    look();
    return wrong_.empty() ? "" : wrong_ + "\nafter:\n" + told_;
  }

 private:
  struct Asked {
    ConnectionId connection;
    const char* what;
    std::int64_t quantity;  // of a change
  };

  void act() {
    switch (prng_.below(13)) {
      case 0:
      case 1:
      case 2:
        return status();
      case 3:
        return shown();
      case 4:
        return done();
      case 5:
        return notice();
      case 6:
      case 7:
        return execution();
      case 8:
        return bust();
      case 9:
        return ask_cancel();
      case 10:
        return ask_change();
      case 11:
        return round();
      default:
        tell("time passes");
        return d_.pass(milliseconds(prng_.between(100, 3'000)));
    }
  }
  void tell(std::string line) { told_ += "  " + std::move(line) + "\n"; }
  core::BrokerNames names() const { return d_.names(0); }
  std::int64_t executed() const {
    std::int64_t sum = 0;
    for (const auto& [id, count] : fills_) sum += count;
    return sum;
  }
  std::int64_t claimed() const { return std::max(claim_, executed()); }
  std::optional<core::Quantity> some_claim(core::BrokerState state) {
    if (prng_.chance(15)) {
      if (state == filled) claim_ = std::max<std::int64_t>(claim_, 100);
      return std::nullopt;
    }
    std::int64_t count = std::max(claim_, executed());
    if (prng_.chance(50) && count < size_) count = prng_.between(count, size_);
    if (state == filled) count = prng_.chance(10) ? 0 : size_;
    // Filled with nothing means all, unless something was taken back.
    const bool all = count == 0 && state == filled && !busted_;
    claim_ = all ? std::max<std::int64_t>(claim_, 100) : count;
    return core::Quantity::from_int(count);
  }
  void note_open(const Word& word, bool by_list) {
    const bool live = word.state == working || word.state == held;
    open_ = live && (by_list || open_);
  }
  void status() {
    const Word word = said_words[prng_.below(std::size(said_words))];
    core::BrokerStatus report{{names().broker_id, names().permanent_id, ""},
                              word.state,
                              word.text,
                              word.state == held ? "locate" : "",
                              some_claim(word.state)};
    tell(fmt::format("status {} filled {}", word.text,
                     report.filled ? model::to_string(*report.filled) : "?"));
    note_open(word, false);
    d_.submit(report);
  }
  core::BrokerOrder order_report(const Word& word) {
    core::OrderSpec spec = d_.broker.placed[0].spec;
    spec.terms.order_qty = core::Quantity::from_int(size_);
    core::BrokerOrder report = Daemon::working(names(), spec, word.text);
    report.names.carries_tag = true;
    report.state = word.state;
    return report;
  }
  void shown() {
    const Word word = said_words[prng_.below(std::size(said_words))];
    core::BrokerOrder report = order_report(word);
    report.listed = prng_.chance(50);
    // The order itself says nothing of what is filled, but that it is.
    if (word.state == filled) claim_ = std::max<std::int64_t>(claim_, 100);
    tell(fmt::format("openOrder {}{}", word.text, report.listed ? ", listed" : ""));
    note_open(word, report.listed);
    d_.submit(report);
  }
  void done() {
    const Word word = said_words[6 + prng_.below(6)];
    core::BrokerOrder report = order_report(word);
    report.listed = true;
    report.filled = some_claim(word.state);
    tell(fmt::format("completedOrder {} filled {}", word.text,
                     report.filled ? model::to_string(*report.filled) : "?"));
    open_ = false;
    d_.submit(report);
  }
  void notice() {
    core::BrokerNotice report = notice_of(prng_.next());
    report.names.broker_id = names().broker_id;
    tell(fmt::format("code {} {}", report.code, report.text));
    open_ = false;
    d_.submit(report);
  }
  void execution() {
    if (executed() >= size_) return;
    const std::int64_t count = prng_.between(1, size_ - executed());
    const std::string id = fmt::format("e{}", fills_.size());
    fills_[id] = count;
    tell(fmt::format("execution {} of {}", id, count));
    d_.fill(0, count, "190.4", (id + ".01").c_str());
  }
  // The broker takes a fill back, and what it said of all of them with it.
  void bust() {
    if (fills_.empty() || !prng_.chance(30)) return;
    auto& [id, count] = *fills_.begin();
    tell(fmt::format("bust {}", id));
    claim_ = std::max<std::int64_t>(0, claim_ - count);
    count = 0;
    busted_ = true;
    core::Execution none;
    none.id = core::split_exec_id(id + ".02");
    none.busted = true;
    const auto& spec = d_.broker.placed[0].spec;
    d_.submit(core::BrokerExecution{names(), spec->account, spec->contract, none});
  }
  void round() {
    tell(fmt::format("a settled list {} it", open_ ? "with" : "without"));
    d_.now = d_.now + std::chrono::seconds(12);
    core::SnapshotDone round;
    round.round = ++rounds_;
    round.wish = UINT64_MAX / 2;
    round.asked_at = d_.now;
    if (open_) round.open_orders = {names()};
    d_.submit(round);
  }
  void ask_on_another(const char* what, std::int64_t quantity, std::string_view method,
                      std::string_view body) {
    d_.connection = d_.service.open(d_.now);
    asks_.push_back({d_.connection, what, quantity});
    tell(fmt::format("a caller asks: {} {}", what, quantity));
    d_.ask(method, "/api/v1/orders/1", body, "Prefer: wait=5\r\n");
  }
  void ask_cancel() { ask_on_another("cancel", 0, "DELETE", ""); }
  void ask_change() {
    const std::int64_t quantity = prng_.chance(50) ? 150 : 100;
    const std::size_t before = d_.broker.replaced.size();
    // Of two a fill tells only that one of them was taken.
    ask_on_another(
        "change", std::exchange(changed_, true) ? 0 : quantity, "PUT",
        fmt::format(R"({{"quantity":{},"limit_price":"{}"}})", quantity, prng_.between(180, 190)));
    if (d_.broker.replaced.size() > before) size_ = quantity;
  }

  // ---- what the answers say ----
  void listen() {
    for (std::size_t i = 0; i < asks_.size();) {
      d_.connection = asks_[i].connection;
      if (const auto answer = d_.take()) {
        judge(asks_[i], *answer);
        asks_.erase(asks_.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        ++i;
      }
    }
  }
  void look() {
    d_.connection = d_.service.open(d_.now);
    judge({d_.connection, "look", 0}, d_.call("GET", "/api/v1/orders/1"));
  }
  void judge(const Asked& asked, const Answer& answer) {
    const auto deny = [&](std::string_view why) {
      if (!wrong_.empty()) return;
      wrong_ = fmt::format("{}: {} (claimed {}, listed open {})\n{} {}", asked.what, why, claimed(),
                           open_, answer.status, answer.body);
    };
    const auto outcome = answer.json.text_of("outcome");
    const bool of_order =
        asked.what != std::string_view("cancel") && asked.what != std::string_view("change");
    const bool is_order = answer.json.find("filled") != nullptr;
    const bool untaken =
        outcome == "rejected" || outcome == "not_sent" || outcome == "not_accepted";
    if (untaken && claimed() > 0 && (is_order || of_order)) deny("claims are called untaken");
    if (untaken && open_ && (is_order || of_order)) deny("what is listed open is called untaken");
    if (is_order) judge_numbers(answer, deny);
    if (is_order || answer.status != 409) return;
    if (asked.what == std::string_view("cancel") && claimed() >= size_ &&
        answer.body.find("goes on") != std::string::npos) {
      deny("what is filled to the end goes on");
    }
    // One that never left was refused for another reason.
    if (outcome == "rejected" && asked.quantity > 100 && claimed() > 100)
      deny("a change that filled was not taken");
  }
  template <class Deny>
  void judge_numbers(const Answer& answer, const Deny& deny) {
    const auto number = [&](std::string_view field) {
      return base::Decimal::parse(answer.json.text_of(field));
    };
    const auto all = base::Decimal::from_int(claimed());
    if (const auto says = number("filled"); says && *says < all)
      deny("less than claimed is filled");
    const auto rest = number("remaining");
    if (rest && *rest > base::Decimal::from_int(size_ - claimed())) deny("too much remains");
  }

  base::Prng prng_;
  Daemon d_;
  ConnectionId placing_ = 0;
  std::vector<Asked> asks_;
  std::map<std::string, std::int64_t> fills_;
  std::int64_t claim_ = 0;  // the broker's last word on how much is filled
  std::int64_t size_ = 100;
  bool changed_ = false;
  bool busted_ = false;
  std::uint64_t rounds_ = 1;
  bool open_ = false;  // a list showed it working, and nothing was said against it since
  std::string told_;
  std::string wrong_;
};

}  // namespace

TEST_CASE("answers: none of them denies what the broker has claimed") {
  int wrong = 0;
  for (std::uint64_t seed = 1; seed <= 2'000 && wrong < 3; ++seed) {
    const std::string why = Story(seed).play();
    if (why.empty()) continue;
    ++wrong;
    CAPTURE(seed);
    FAIL_CHECK(why);
  }
}
