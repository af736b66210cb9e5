// SPDX-License-Identifier: Apache-2.0
// What the client commands do once their arguments are known: ask the daemon, print, and say how it
// ended. The exit status is 0 done, 1 refused or failed (the reason is on stderr), 2 typed wrong
// (whether the parser or the daemon noticed), 3 not known: the answer was lost, or did not come in
// time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/belay/cli_http.hpp"
#include "belay/api/json.hpp"

namespace belay::app {

/// The time between two looks at what a command waits for.
constexpr std::chrono::milliseconds poll_pause(100);
/// The daemon answers a look at once.
constexpr std::chrono::seconds read_timeout(10);

enum class Exit : int { done = 0, failed = 1, usage = 2, unknown = 3 };

/// A request without meaning is wrong usage, also when only the daemon could notice.
Exit exit_of_problem(const api::Json& problem);

/// The fields of a new order or a change as JSON members, in the order they were given.
class CliBody {
 public:
  void text(const std::string& name, const std::string& value);
  void flag(const std::string& name, bool value);
  void raw(const std::string& name, std::string json);
  bool empty() const { return members_.empty(); }
  std::string json() const;

 private:
  std::vector<std::pair<std::string, std::string>> members_;
};

struct CliOptions {
  bool json = false;                   ///< print the daemon's JSON as it is
  std::optional<std::int64_t> wait_s;  ///< --wait: until the order is done, at most this long
  std::optional<std::int64_t> timeout_s = {};  ///< --timeout without a wait: for all answers
  std::string address = {};                    ///< of the daemon, for people
};

/// What is sold, as far as the positions can be searched for it. Empty: not given.
struct Sale {
  std::string quantity, account, symbol, sec_type, currency, con_id, expiry, strike, right;
  std::string local_symbol = {};
  std::string client_order_id = {};
};
/// Why the sale would go short, or why nobody can say; empty when it stays within what is held and
/// the open orders do not sell already. Both are the daemon's lists.
std::string goes_short(const Sale& sale, const api::Json& positions, const api::Json& orders);

/// An order as a person types it, and whose it is where several accounts have the client order id.
struct OrderRef {
  std::string id;
  std::string account = {};  ///< empty: not given
};
/// The path of an order: 12, cid:abc, perm:1, tws:0:7; with the parameter account where it is
/// given.
std::string order_path(const OrderRef& order);

class CliCommands {
 public:
  /// `print` gets what goes to stdout, `complain` what goes to stderr, each with its line end.
  using Printer = std::function<void(const std::string&)>;
  CliCommands(CliHttp http, CliOptions options, Printer print, Printer complain);

  /// `key` is the client order id in the body; it is named when the answer is lost.
  Exit place(const CliBody& body, const std::string& key);
  /// Done when the sale stays within what is held; complains otherwise, also when nobody can say.
  Exit check_sale(const Sale& sale);
  /// One screen: the broker link, the account, counts, what waits, what to do.
  Exit status();
  Exit modify(const OrderRef& order, const CliBody& body);
  Exit cancel(const OrderRef& order, bool foreign);
  /// Failed when one of the orders was refused; what was done is printed either way. With a wait
  /// the end of each order is told.
  Exit cancel_all(const std::string& query);
  Exit order(const OrderRef& order);
  Exit reconcile(bool dry_run);
  Exit decide(const OrderRef& order, const CliBody& body);
  /// Resets the ids and says which orders were canceled for it, and how each ended.
  Exit reset_ids(const CliBody& body);
  using Table = std::string (*)(const api::Json&);
  /// GET `target`, printed as a table. `account`: what the list was narrowed to; one that the
  /// broker session does not have is named, as its list is empty for another reason.
  Exit list(const std::string& target, Table table, const std::string& account = "");
  /// POST `target` with a body, printed as a line.
  Exit post(const std::string& target, const CliBody& body, Table table,
            const std::string& retry_hint);
  /// Any request that is answered with JSON, printed as a table; not at all without one.
  Exit send(const std::string& method, const std::string& target, const CliBody& body, Table table,
            const std::string& retry_hint);
  /// GET `target`, printed as a table; failed when the answer is not `good`.
  Exit check(const std::string& target, Table table, bool (*good)(const api::Json&));
  /// Asks for `target` until `done` says so or the time is up; the last answer decides.
  Exit poll(const std::string& target, std::int64_t seconds, bool (*done)(const api::Json&),
            Table table, bool (*good)(const api::Json&));
  /// Follows the event stream; ends after `count` events when given.
  Exit watch(std::optional<std::uint64_t> from, std::optional<std::uint64_t> count);

 private:
  struct Asked {
    std::optional<CliAnswer> answer;
    api::Json json;
    Exit exit = Exit::done;  ///< other than done: already complained
  };
  using Done = std::function<bool(const api::Json&)>;
  enum class Wish : std::uint8_t { place, change, cancel };
  /// `about`: the order as it was typed, for answers that do not name it.
  Asked ask(const CliRequest& request, const std::string& retry_hint,
            const std::string& about = "");
  /// The answer to a GET, or null where there is none; complains about nothing.
  api::Json look(const std::string& target, std::string* body = nullptr,
                 std::optional<std::chrono::milliseconds> timeout = std::nullopt);
  /// `change`: what a modification asked for.
  Exit show_order(Asked asked, Wish wish, const api::Json& change = {});
  /// After a wait: whether `order` became what was asked for.
  Exit judge(const std::string& id, const api::Json& order, bool over, Wish wish,
             const api::Json& change);
  Exit await_cancels(const api::Json& answer);
  api::Json await(const std::string& id, const Done& done, api::Json last, std::string& body);
  void complain_of_account(const std::string& account);
  void complain_of_unsent(const std::string& id, const api::Json& order);
  void complain_about(const std::string& id, const api::Json& order, const std::string& words);
  /// What is said once when the next answer takes long.
  void when_slow(std::string words);
  void say_waiting(const std::string& words);
  /// `words`, followed by why the broker does not answer and what to look at.
  std::string with_link(std::string words);
  /// The time that a person gives is for the whole command, however many questions it asks.
  void end_by(std::chrono::seconds most) { deadline_ = began_ + most; }
  /// So much of `most` as is left of the command.
  std::chrono::milliseconds left(std::chrono::milliseconds most) const;
  std::chrono::milliseconds patience(const CliRequest& request) const;
  std::vector<std::pair<std::string, std::string>> prefer() const;

  CliHttp http_;
  CliOptions options_;
  Printer print_;
  Printer complain_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::chrono::system_clock::time_point heard_at_ = std::chrono::system_clock::now();
  bool silent_ = false;  ///< the last look had no answer
  std::string refused_;  ///< ... or this one, which was no success
  bool gone_ = false;    ///< the last look was answered: there is no such thing
  bool slow_said_ = false;
};

/// For options that mean nothing when they are empty: why, or empty when there is a value.
std::string given_nothing(const std::string& text);

}  // namespace belay::app
