// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_client.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <random>

#include "apps/belay/cli_commands.hpp"
#include "apps/belay/cli_fields.hpp"
#include "apps/belay/cli_halt.hpp"
#include "apps/belay/cli_ids.hpp"
#include "apps/belay/cli_tables.hpp"
#include "apps/belay/cli_time.hpp"
#include "apps/belay/config.hpp"
#include "belay/api/http_message.hpp"
#include "belay/api/order_request.hpp"
#include "belay/base/decimal.hpp"

namespace belay::app {
namespace {

using Action = std::function<Exit(CliCommands&)>;

// A key of our own, so that a lost answer can be followed up and the command safely repeated.
std::string make_key() {
  std::random_device device;
  return fmt::format("cli-{:08x}{:08x}", device(), device());
}

struct Arguments {
  std::string api_host;
  std::string api_port;
  std::string config;
  bool json = false;
  bool utc = false;
  bool wait = false;
  std::int64_t timeout = 30;
  std::optional<std::int64_t> patience;
  bool allow_short = false;
  std::string symbol;
  std::vector<std::string> legs;
  std::string quantity;
  std::string type;
  std::string id;
  bool outside_rth = false;
  bool inside_rth = false;
  bool hidden = false;
  bool all = false;
  bool open = false;
  std::string fate, reason, decided_by;
  bool foreign = false;
  bool dry_run = false;
  bool yes = false;
  std::string scope;
  std::map<std::string, std::string> texts;  // field -> value, of the options above
  std::string account, symbol_filter, status, order_filter;
  int limit = 100;
  std::optional<std::uint64_t> from, count;
};

// What is no number is wrong usage, whether the daemon runs or not.
std::string not_a_number(const std::string& text) {
  if (base::Decimal::parse(text)) return "";
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (digits) return fmt::format("{} is too large: expected at most 92233720368", text);
  return fmt::format("\"{}\": expected a number with at most 8 decimals, such as 100 or 190.5",
                     text);
}

// CLI11's own words for a bad number name a type, and for an empty text nothing.
std::string no_order(const std::string& text, const char* instead) {
  if (text.empty()) {
    return "is empty: expected an order such as 12, cid:..., perm:... or tws:client:order";
  }
  for (const std::string_view kind : {"cid:", "perm:", "tws:"}) {
    if (text.substr(0, kind.size()) == kind) return "";
  }
  if (text.find_first_not_of("0123456789") == std::string::npos) return "";
  const std::string hint =
      text == "all" ? std::string(instead) : fmt::format("is cid:{} meant?", text);
  return terminal_safe(fmt::format(
      "\"{}\" is no order: expected 12, cid:..., perm:... or tws:client:order; {}", text, hint));
}
std::string no_order_to_show(const std::string& text) {
  return no_order(text, "`belay orders` lists all");
}
std::string no_order_to_cancel(const std::string& text) {
  return no_order(text, "`belay cancel-all` cancels what is open");
}
std::string no_client_order_id(const std::string& text) {
  const auto wrong = api::check_client_order_id(text, "");
  return wrong ? fmt::format("\"{}\": {}", terminal_safe(text), wrong->detail) : "";
}
std::string not_a_sequence(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return digits && text.size() < 20
             ? ""
             : fmt::format("\"{}\": expected a whole number that is not negative", text);
}

OrderRef typed_order(const Arguments& args) {
  return {args.id, args.account};
}

template <class Options>
void add_texts(CLI::App& command, Arguments& args, const Options& options) {
  for (const auto& option : options) {
    auto* added = command.add_option_function<std::string>(
        option.flag,
        [&args, field = option.field](const std::string& value) { args.texts[field] = value; },
        option.help);
    if (option.number) added->check(not_a_number);
    if (std::string_view(option.field) == "client_order_id") added->check(no_client_order_id);
  }
}
template <class Options>
void put_texts(CliBody& body, const Arguments& args, const Options& options) {
  for (const auto& option : options) {
    const auto found = args.texts.find(option.field);
    if (found != args.texts.end()) body.text(option.field, found->second);
  }
}

Sale sale_of(const Arguments& args) {
  const auto text = [&args](const char* field) {
    const auto found = args.texts.find(field);
    return found == args.texts.end() ? "" : found->second;
  };
  return {args.quantity,           text("account"),        args.symbol,
          text("sec_type"),        text("currency"),       text("con_id"),
          text("last_trade_date"), text("strike"),         text("right"),
          text("local_symbol"),    text("client_order_id")};
}

Exit place(CliCommands& commands, const Arguments& args, const std::string& action) {
  if (action == "SELL" && !args.allow_short) {
    const Exit held = commands.check_sale(sale_of(args));
    if (held != Exit::done) return held;
  }
  CliBody contract;
  contract.text("symbol", args.symbol);
  put_texts(contract, args, contract_options);
  if (!args.legs.empty()) contract.raw("legs", legs_json(args.legs));
  Arguments with_key = args;
  std::string& key = with_key.texts["client_order_id"];
  if (args.texts.count("client_order_id") == 0) key = make_key();
  CliBody body;
  body.raw("contract", contract.json());
  body.text("action", action);
  body.text("order_type", args.type.empty() ? type_of_numbers(args.texts) : args.type);
  body.text("total_quantity", args.quantity);
  put_texts(body, with_key, term_options());
  put_texts(body, with_key, order_options);
  if (args.outside_rth) body.flag("outside_rth", true);
  if (args.hidden) body.flag("hidden", true);
  return commands.place(body, key);
}

std::string query(std::initializer_list<std::pair<const char*, std::string>> parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    out += fmt::format("{}{}={}", out.empty() ? "?" : "&", name, api::percent_encode(value));
  }
  return out;
}

void add_common(CLI::App& command, Arguments& args) {
  command.add_option("--api-host", args.api_host, "address of the daemon (API_HOST)");
  command.add_option("--api-port", args.api_port, "port of the daemon (API_PORT)");
  command.add_option("--config", args.config, "TOML file that may hold api_host and api_port");
  command.add_flag("--json", args.json, "print the daemon's JSON");
  command.add_flag("--utc", args.utc, "show times in UTC, not in the local zone");
  // Where there is something to wait for, --timeout is said there.
  if (command.get_option_no_throw("--timeout") != nullptr) return;
  command
      .add_option("--timeout", args.patience, "wait at most so many seconds for the daemon (10)")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{86'400}));
}
void add_wait(CLI::App& command, Arguments& args, const char* until) {
  command.add_flag("--wait", args.wait,
                   fmt::format("wait until {}; exit status 3 when it is not in time", until));
  command
      .add_option_function<std::int64_t>(
          "--timeout",
          [&args](const std::int64_t& seconds) {
            args.timeout = seconds;
            args.wait = true;
          },
          "wait at most so many seconds (30)")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{86'400}));
}

void add_account(CLI::App& command, Arguments& args) {
  command.add_option("--account", args.account,
                     "whose cid:... is meant, where several accounts have it");
}
void add_foreign(CLI::App& command, Arguments& args) {
  command.add_flag("--foreign", args.foreign,
                   "also an order of another client: in its name, while its id is free");
}

// One order, or what is open in a scope. A wrong combination is wrong usage, before anything is
// asked.
void add_cancel(CLI::App& app, Arguments& args, Action& action) {
  CLI::App& cancel = *app.add_subcommand("cancel", "cancel an order, or what is open in a scope");
  cancel.add_option("id", args.id, "12, cid:..., perm:... or tws:client:order")
      ->check(no_order_to_cancel);
  auto* all = cancel.add_flag("--all", args.all, "every open order of --scope");
  auto* scope = cancel.add_option("--scope", args.scope,
                                  "own (what --all means by itself): sent by this daemon; account: "
                                  "all of --account that can be canceled from here; all: every "
                                  "client's, by global cancel");
  scope->check(CLI::IsMember({"own", "account", "all"}))->needs(all);
  cancel.add_option("--account", args.account,
                    "for --scope account; or whose cid:... is meant, where several accounts have "
                    "it");
  cancel.add_flag("--dry-run", args.dry_run, "only list what would be canceled")->needs(all);
  cancel.add_flag("--yes", args.yes, "for --scope all, which ends other programs' orders too")
      ->needs(all);
  add_foreign(cancel, args);
  add_wait(cancel, args, "the order is done");
  add_common(cancel, args);
  cancel.callback([&args, &action] {
    if (!args.all && args.id.empty()) {
      throw CLI::ValidationError("cancel", "needs an order, or --all");
    }
    if (args.all && !args.id.empty()) {
      throw CLI::ValidationError("cancel --all",
                                 fmt::format("takes no order: `belay cancel {0}` cancels {0} alone",
                                             terminal_safe(args.id)));
    }
    if (args.scope.empty()) args.scope = "own";
    if (args.scope == "account" && args.account.empty()) {
      throw CLI::ValidationError("cancel", "--scope account needs --account");
    }
    if (args.scope == "all" && !args.dry_run && !args.yes) {
      throw CLI::ValidationError("cancel",
                                 "--scope all ends the orders of every client and those made by "
                                 "hand: look with --dry-run, then say --yes");
    }
    action = [&args](CliCommands& commands) {
      if (!args.all) return commands.cancel(typed_order(args), args.foreign);
      return commands.cancel_all(query({{"scope", args.scope},
                                        {"account", args.account},
                                        {"dry_run", args.dry_run ? "true" : ""},
                                        {"foreign", args.foreign ? "true" : ""}}));
    };
  });
}

void add_order_commands(CLI::App& app, Arguments& args, Action& action) {
  for (const std::string side : {"BUY", "SELL"}) {
    const std::string word = api::to_lower(side);
    CLI::App& command = *app.add_subcommand(word, word + " SYMBOL QUANTITY [--limit PRICE ...]");
    command.add_option("symbol", args.symbol, "such as AAPL")->required();
    command.add_option("quantity", args.quantity, "such as 100")->required()->check(not_a_number);
    command.add_option(
        "--type", args.type,
        fmt::format("{}; else from the prices", model::choice<model::OrdType>.view()));
    add_texts(command, args, term_options());
    add_texts(command, args, order_options);
    add_texts(command, args, contract_options);
    command.add_flag("--outside-rth", args.outside_rth, "also outside regular trading hours");
    command.add_option("--leg", args.legs, "of a BAG, each: ACTION:RATIO:CON_ID[:EXCHANGE]")
        ->allow_extra_args(false)
        ->check(not_a_leg);
    command.add_flag("--hidden", args.hidden, "do not show in the book");
    if (side == "SELL") {
      command.add_flag("--allow-short", args.allow_short, "also more than is held");
    }
    add_wait(command, args, "the order is done");
    add_common(command, args);
    command.callback([&args, &action, side] {
      action = [&args, side](CliCommands& commands) { return place(commands, args, side); };
    });
  }
  CLI::App& modify = *app.add_subcommand("modify", "change an order: only what is given");
  modify.add_option("id", args.id, "12, cid:..., perm:... or tws:client:order")
      ->required()
      ->check(no_order_to_show);
  modify.add_option("--quantity", args.quantity, "new total quantity")->check(not_a_number);
  add_texts(modify, args, term_options());
  auto* outside =
      modify.add_flag("--outside-rth", args.outside_rth, "also outside regular trading hours");
  modify.add_flag("--no-outside-rth", args.inside_rth, "only in regular trading hours")
      ->excludes(outside);
  add_wait(modify, args, "the broker shows the change");
  add_common(modify, args);
  modify.callback([&args, &action] {
    action = [&args](CliCommands& commands) {
      CliBody body;
      if (!args.quantity.empty()) body.text("total_quantity", args.quantity);
      put_texts(body, args, term_options());
      if (args.outside_rth || args.inside_rth) body.flag("outside_rth", args.outside_rth);
      return commands.modify(typed_order(args), body);
    };
  });
  add_account(modify, args);
  add_cancel(app, args, action);
}

void add_filters(CLI::App& command, Arguments& args, bool paged) {
  command.add_option("--account", args.account, "only this account");
  if (!paged) return;
  command.add_option("--symbol", args.symbol_filter, "only this symbol");
  command.add_option("--limit", args.limit, "at most this many (100)")->check(CLI::Range(1, 1000));
}

void add_order_lists(CLI::App& app, Arguments& args, Action& action) {
  CLI::App& order = *app.add_subcommand("order", "one order in full");
  order.add_option("id", args.id, "12, cid:..., perm:... or tws:client:order")
      ->required()
      ->check(no_order_to_show);
  add_account(order, args);
  add_common(order, args);
  order.callback([&args, &action] {
    action = [&args](CliCommands& commands) { return commands.order(typed_order(args)); };
  });
  CLI::App& orders = *app.add_subcommand("orders", "orders, newest first");
  orders.add_flag("--all", args.all, "also those of other clients and manual ones");
  auto* open = orders.add_flag("--open", args.open, "only those that are not done");
  orders
      .add_option("--status", args.status,
                  "only this status, such as Submitted; several with commas")
      ->excludes(open);
  add_filters(orders, args, true);
  add_common(orders, args);
  orders.callback([&args, &action] {
    action = [&args](CliCommands& commands) {
      return commands.list(std::string("/api/v1/orders") + (args.all ? "/all" : "") +
                               query({{"status", args.open ? "open" : args.status},
                                      {"account", args.account},
                                      {"symbol", args.symbol_filter},
                                      {"limit", std::to_string(args.limit)}}),
                           orders_table, args.account);
    };
  });
  CLI::App& executions =
      *app.add_subcommand("executions", "fills of the newest orders, newest first");
  executions.add_option("--order", args.order_filter, "one order: 12, cid:..., perm:..., tws:...")
      ->check(no_order_to_show);
  add_filters(executions, args, true);
  add_common(executions, args);
  executions.callback([&args, &action] {
    action = [&args](CliCommands& commands) {
      return commands.list("/api/v1/executions" + query({{"account", args.account},
                                                         {"symbol", args.symbol_filter},
                                                         {"order_id", args.order_filter},
                                                         {"limit", std::to_string(args.limit)}}),
                           executions_table, args.account);
    };
  });
}

void add_read_commands(CLI::App& app, Arguments& args, Action& action) {
  CLI::App& status =
      *app.add_subcommand("status", "one screen: broker, account, counts, what waits, what to do");
  add_common(status, args);
  status.callback([&action] { action = [](CliCommands& commands) { return commands.status(); }; });
  add_order_lists(app, args, action);
  const struct {
    const char* word;
    const char* help;
    CliCommands::Table table;
  } plain[] = {{"positions", "positions at the broker", positions_table},
               {"account", "account values at the broker", account_table}};
  for (const auto& each : plain) {
    CLI::App& command = *app.add_subcommand(each.word, each.help);
    add_filters(command, args, false);
    add_common(command, args);
    command.callback([&args, &action, each] {
      action = [&args, each](CliCommands& commands) {
        return commands.list(
            std::string("/api/v1/") + each.word + query({{"account", args.account}}), each.table);
      };
    });
  }
  CLI::App& watch = *app.add_subcommand("watch", "follow the events as they happen");
  watch.add_option("--from", args.from, "begin at this sequence number")->check(not_a_sequence);
  watch.add_option("--count", args.count, "end after this many events")->check(not_a_sequence);
  add_common(watch, args);
  watch.callback([&args, &action] {
    action = [&args](CliCommands& commands) { return commands.watch(args.from, args.count); };
  });
}

void add_evidence_commands(CLI::App& app, Arguments& args, Action& action) {
  CLI::App& reconcile = *app.add_subcommand("reconcile", "ask the broker for everything, compare");
  reconcile.add_flag("--dry-run", args.dry_run, "only say what would be recorded");
  add_common(reconcile, args);
  reconcile.callback([&args, &action] {
    action = [&args](CliCommands& commands) { return commands.reconcile(args.dry_run); };
  });
  CLI::App& decide = *app.add_subcommand("decide", "end an order whose fate no evidence shows");
  decide.add_option("id", args.id, "12, cid:..., perm:... or tws:client:order")
      ->required()
      ->check(no_order_to_show);
  decide.add_option("fate", args.fate, "not-accepted or canceled")->required();
  decide.add_option("--reason", args.reason, "why: goes into the journal")->required();
  decide.add_option("--operator", args.decided_by, "who: goes into the journal")->required();
  add_account(decide, args);
  add_common(decide, args);
  decide.callback([&args, &action] {
    action = [&args](CliCommands& commands) {
      CliBody body;
      body.text("fate", args.fate);
      body.text("reason", args.reason);
      body.text("operator", args.decided_by);
      return commands.decide(typed_order(args), body);
    };
  });
}

int finish(Exit exit) {
  return static_cast<int>(exit);
}

// An empty value, as of a shell variable that is not set, is no leave to choose.
void refuse_empty(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() != 0) option->check(given_nothing);
  }
  for (CLI::App* command : app.get_subcommands({})) refuse_empty(*command);
}

}  // namespace

int run_client_command(int argc, const char* const* argv) {
  CLI::App app("belay: commands for a running daemon", "belay");
  app.require_subcommand(1);
  Arguments args;
  Action action;
  add_order_commands(app, args, action);
  add_read_commands(app, args, action);
  std::string reason;
  add_halt_commands(
      app, reason, [&args](CLI::App& command) { add_common(command, args); }, action);
  IdsArguments ids;
  add_ids_commands(
      app, [&args](CLI::App& command) { add_common(command, args); }, ids, action);
  add_evidence_commands(app, args, action);
  refuse_empty(app);
  // `cancel-all` is `cancel --all`, for who looks for it by the name of the route.
  std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && words[0] == "cancel-all") {
    words[0] = "cancel";
    words.insert(words.begin() + 1, "--all");
  }
  std::reverse(words.begin(), words.end());  // as CLI11 takes a vector
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return parse_error(app, error);
  }
  args.utc ? show_times_in_utc() : show_times_in_a_known_zone();
  std::vector<std::string> flags;
  if (!args.api_host.empty()) flags.insert(flags.end(), {"--api-host", args.api_host});
  if (!args.api_port.empty()) flags.insert(flags.end(), {"--api-port", args.api_port});
  if (!args.config.empty()) flags.insert(flags.end(), {"--config", args.config});
  const SettingSources sources = read_sources(flags);
  const bool trades =
      app.got_subcommand("buy") || app.got_subcommand("sell") || app.got_subcommand("modify");
  if (const auto doubt = trades ? doubt_of_address(sources) : std::nullopt) {
    fmt::print(stderr, "{}\n", *doubt);
    return finish(Exit::usage);
  }
  const auto endpoint = resolve_api_endpoint(sources);
  if (!endpoint) {
    fmt::print(stderr, "{}\n", endpoint.error().detail);
    return finish(Exit::usage);
  }
  for (const auto& warning : endpoint->warnings) fmt::print(stderr, "warning: {}\n", warning);
  CliOptions options{.json = args.json,
                     .wait_s = args.wait ? std::optional(args.timeout) : std::nullopt,
                     .timeout_s = args.patience,
                     .address = host_and_port(endpoint->host, endpoint->port)};
  CliCommands commands(
      CliHttp(endpoint->host, endpoint->port), std::move(options),
      [](const std::string& text) {
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
      },
      [](const std::string& text) { std::fputs(text.c_str(), stderr); });
  return finish(action(commands));
}

}  // namespace belay::app
