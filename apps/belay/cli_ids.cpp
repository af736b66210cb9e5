// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_ids.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "apps/belay/cli_json.hpp"
#include "apps/belay/cli_tables.hpp"
#include "apps/belay/cli_time.hpp"
#include "belay/api/http_message.hpp"

namespace belay::app {
namespace {

using api::Json;
using Action = std::function<Exit(CliCommands&)>;

constexpr std::int64_t reset_patience_s = 700;  // the daemon's own time limit is at most 600

CliBody from_body(const std::optional<std::int64_t>& from) {
  CliBody body;
  if (from) body.raw("from", std::to_string(*from));
  return body;
}

void add_ids(CLI::App& app, const std::function<void(CLI::App&)>& common, IdsArguments& args,
             Action& action) {
  CLI::App& ids = *app.add_subcommand("ids", "the broker order ids: next, blocks, gaps, counts");
  ids.require_subcommand(0, 1);
  common(ids);
  ids.callback([&ids, &action] {
    if (!ids.get_subcommands().empty()) return;
    action = [](CliCommands& commands) { return commands.list("/api/v1/ids", ids_card); };
  });
  CLI::App& reserve = *ids.add_subcommand("reserve", "keep COUNT consecutive ids, all or none");
  reserve.add_option("count", args.number, "how many")->required();
  reserve.add_option("--purpose", args.purpose, "manual, scanner, bracket, algo, test or other");
  reserve.add_option("--from", args.from, "begin here, or at the next id when that is higher");
  CLI::Option& who = *reserve.add_option("--operator", args.operator_name,
                                         "your name: more than ID_RESERVE_PER_HOUR needs it");
  CLI::Option& why = *reserve.add_option("--reason", args.reason, "why so many");
  who.needs(&why);
  why.needs(&who);
  common(reserve);
  reserve.callback([&args, &action] {
    action = [&args](CliCommands& commands) {
      CliBody body = from_body(args.from);
      body.raw("count", std::to_string(args.number));
      if (!args.purpose.empty()) body.text("purpose", args.purpose);
      if (!args.operator_name.empty()) body.text("operator", args.operator_name);
      if (!args.reason.empty()) body.text("reason", args.reason);
      return commands.send("POST", "/api/v1/ids/reserve", body, reserved_line,
                           "look with `belay ids`; a block that nobody uses does no harm");
    };
  });
  CLI::App& release = *ids.add_subcommand("release", "give the block that begins at FROM back");
  release.add_option("from", args.number, "the first id of the block")->required();
  common(release);
  release.callback([&args, &action] {
    action = [&args](CliCommands& commands) {
      return commands.send("POST", "/api/v1/ids/release", from_body(args.number), released_line,
                           "look with `belay ids`");
    };
  });
  CLI::App& validate = *ids.add_subcommand("validate", "every rule that using ID would break");
  validate.add_option("id", args.number, "the id")->required();
  validate.add_option("--purpose", args.purpose, "manual, scanner, bracket, algo, test or other");
  common(validate);
  validate.callback([&args, &action] {
    action = [&args](CliCommands& commands) {
      std::string target = fmt::format("/api/v1/ids/validate?id={}", args.number);
      if (!args.purpose.empty()) target += "&purpose=" + api::percent_encode(args.purpose);
      return commands.check(target, validation_table,
                            [](const Json& answer) { return answer.truth_of("valid"); });
    };
  });
  CLI::App& reset =
      *ids.add_subcommand("reset", "emergency: cancel own orders, go on above every id ever seen");
  reset.add_option("--operator", args.operator_name, "your name, for the record")->required();
  reset.add_option("--reason", args.reason, "why, for the record")->required();
  common(reset);
  reset.callback([&args, &action] {
    action = [&args](CliCommands& commands) {
      CliBody body;
      body.text("operator", args.operator_name);
      body.text("reason", args.reason);
      return commands.reset_ids(body);
    };
  });
}

void add_incidents(CLI::App& app, const std::function<void(CLI::App&)>& common, IdsArguments& args,
                   Action& action) {
  CLI::App& incidents = *app.add_subcommand("incidents", "what a person should know of");
  incidents.require_subcommand(0, 1);
  incidents.add_flag("--all", args.all, "also those that are closed, as far as they are kept");
  incidents.add_option("--kind", args.kind, "only this kind");
  incidents.add_option("--limit", args.limit, "at most this many (100)")
      ->check(CLI::Range(1, 1000));
  common(incidents);
  incidents.callback([&incidents, &args, &action] {
    if (!incidents.get_subcommands().empty()) return;
    action = [&args](CliCommands& commands) {
      std::string target = fmt::format("/api/v1/incidents?limit={}", args.limit);
      if (args.all) target += "&all=true";
      if (!args.kind.empty()) target += "&kind=" + api::percent_encode(args.kind);
      return commands.list(target, incidents_table);
    };
  });
  CLI::App& show = *incidents.add_subcommand("show", "one incident in full");
  show.add_option("id", args.incident, "its number")->required();
  common(show);
  show.callback([&args, &action] {
    action = [&args](CliCommands& commands) {
      return commands.list("/api/v1/incidents/" + api::percent_encode(args.incident), order_card);
    };
  });
  CLI::App& close = *incidents.add_subcommand("close", "the matter is settled");
  close.add_option("id", args.incident, "its number")->required();
  close.add_option("--operator", args.operator_name, "your name, for the record")->required();
  close.add_option("--reason", args.reason, "how it was settled")->required();
  common(close);
  close.callback([&args, &action] {
    action = [&args](CliCommands& commands) {
      CliBody body;
      body.text("operator", args.operator_name);
      body.text("reason", args.reason);
      return commands.send(
          "POST", fmt::format("/api/v1/incidents/{}/close", api::percent_encode(args.incident)),
          body, closed_line, "look with `belay incidents`");
    };
  });
}

}  // namespace

void add_ids_commands(CLI::App& app, const std::function<void(CLI::App&)>& common,
                      IdsArguments& args, Action& action) {
  add_ids(app, common, args, action);
  add_incidents(app, common, args, action);
}

Exit CliCommands::reset_ids(const CliBody& body) {
  const Asked begun =
      ask({.method = "POST", .target = "/api/v1/ids/reset", .headers = {}, .body = body.json()},
          "look with `belay ids`: a reset that was begun goes on");
  if (begun.exit != Exit::done) return begun.exit;
  const auto& orders = app::list(begun.json, "canceling");
  std::string names;
  for (const Json& each : orders) names += (names.empty() ? "" : ", ") + each.text();
  complain_(names.empty() ? "no order of ours is open: none is canceled\n"
                          : fmt::format("canceling {} of our orders: {}\n", orders.size(), names));
  const Exit ended = poll(
      "/api/v1/ids", reset_patience_s,
      [](const Json& answer) {
        const Json* running = answer.find("reset");
        return running == nullptr || running->is_null();
      },
      reset_card,
      [](const Json& answer) {
        const Json* last = answer.find("last_reset");
        return last != nullptr && app::list(*last, "failures").empty();
      });
  for (const Json& each : orders) {
    const Json order = look(order_path({each.text()}));
    if (!options_.json && order.is_object()) print_(order_line(order) + "\n");
  }
  return ended;
}

std::string ids_card(const Json& answer) {
  std::string out = fmt::format("next id {} (client id {})\n", field(answer, "next_valid_id"),
                                field(answer, "client_id"));
  for (const Json& session : list(answer, "sessions")) {
    out += fmt::format("client id {}: mark {} ({}), highest sent {}, {} left{}\n",
                       field(session, "client_id"), field(session, "mark"),
                       field(session, "mark_source"), field(session, "highest_sent"),
                       field(session, "remaining"),
                       session.truth_of("nearly_exhausted") ? ", NEARLY EXHAUSTED" : "");
  }
  std::vector<std::vector<std::string>> rows;
  for (const Json& purpose : list(answer, "purposes")) {
    const Json* range = purpose.find("range");
    const bool has = range != nullptr && range->is_object();
    rows.push_back({field(purpose, "purpose"), field(purpose, "reserved"), field(purpose, "sent"),
                    field(purpose, "acknowledged"),
                    has ? fmt::format("{}-{}{}", field(*range, "from"), field(*range, "to"),
                                      range->truth_of("exhausted") ? " exhausted" : "")
                        : ""});
  }
  out += "\n" +
         table({{"PURPOSE"}, {"RESERVED", true}, {"SENT", true}, {"ACKNOWLEDGED", true}, {"RANGE"}},
               rows);
  rows.clear();
  for (const Json& block : list(answer, "reserved_ranges")) {
    rows.push_back({field(block, "from"), field(block, "to"), field(block, "next"),
                    field(block, "purpose"), field(block, "principal"),
                    shown_time(field(block, "reserved_at"))});
  }
  if (!rows.empty()) {
    out +=
        "\n" +
        table({{"BLOCK FROM", true}, {"TO", true}, {"NEXT", true}, {"PURPOSE"}, {"BY"}, {"SINCE"}},
              rows);
  }
  rows.clear();
  for (const Json& gap : list(answer, "gaps")) {
    rows.push_back({field(gap, "from"), field(gap, "to"), shown_time(field(gap, "time")),
                    field(gap, "reason")});
  }
  out += fmt::format("\n{} gaps, {} attempts to use an id twice\n", field(answer, "gaps_total"),
                     field(answer, "reuse_attempts"));
  if (!rows.empty()) {
    out += table({{"GAP FROM", true}, {"TO", true}, {"TIME"}, {"REASON"}}, rows);
  }
  const Json* running = answer.find("reset");
  if (running != nullptr && running->is_object()) {
    out += fmt::format("a reset by {} is under way: {}\n", field(*running, "operator"),
                       field(*running, "reason"));
  }
  return out;
}

std::string reserved_line(const Json& answer) {
  const std::string who = field(answer, "operator");
  const std::string by = who.empty() ? ""
                                     : fmt::format(" by {} ({})", terminal_safe(who),
                                                   terminal_safe(field(answer, "reason")));
  return fmt::format(
      "reserved {0} to {1} for {2}{3}; use one with: belay buy ... --broker-order-id {0}\n"
      "use the rest soon after the first: ids only rise, so the next order without a block passes "
      "it\n",
      field(answer, "from"), field(answer, "to"), field(answer, "purpose"), by);
}

std::string released_line(const Json& answer) {
  return fmt::format("released the block at {}\n", field(answer, "from"));
}

std::string validation_table(const Json& answer) {
  if (answer.truth_of("valid")) return fmt::format("id {} is valid\n", field(answer, "id"));
  std::vector<std::vector<std::string>> rows;
  for (const Json& rule : list(answer, "failed_rules")) {
    rows.push_back({field(rule, "rule"), field(rule, "detail")});
  }
  return table({{"BROKEN RULE"}, {"WHY"}}, rows);
}

std::string reset_card(const Json& answer) {
  const Json* last = answer.find("last_reset");
  if (last == nullptr || !last->is_object()) return "the reset is under way\n";
  std::string out = fmt::format("reset by {}: the next id is {}\n", field(*last, "operator"),
                                field(*last, "next_valid_id"));
  for (const Json& failure : list(*last, "failures")) out += "failed: " + failure.text() + "\n";
  return out;
}

std::string incidents_table(const Json& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const Json& each : list(answer, "incidents")) {
    rows.push_back({field(each, "incident_id"), shown_time(field(each, "opened_at")),
                    field(each, "level"), field(each, "state"), field(each, "kind"),
                    field(each, "order_id"), field(each, "text")});
  }
  return table({{"ID"}, {"OPENED"}, {"LEVEL"}, {"STATE"}, {"KIND"}, {"ORDER"}, {"WHAT"}}, rows);
}

std::string closed_line(const Json& answer) {
  return fmt::format("incident {} is closed\n", field(answer, "incident_id"));
}

}  // namespace belay::app
