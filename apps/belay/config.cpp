// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/config.hpp"

#include <arpa/inet.h>

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "apps/belay/alert_targets.hpp"
#include "apps/belay/cli_client.hpp"
#include "apps/belay/settings_table.hpp"
#include "belay/base/decimal.hpp"

namespace belay::app {
namespace {

struct Found {
  std::string value;
  std::string source;  // "flag --tws-port", "environment", ".env", "belay.toml"
  std::string name;    // the key as it was written there
};
using FoundMap = std::map<std::string, Found>;  // by key of the table

base::Failure<base::Error> wrong(const SettingRow& row, const Found& found) {
  return base::fail(std::string(row.key),
                    fmt::format("{} (from {}) is \"{}\"; expected {}", found.name, found.source,
                                found.value, expectation(row)));
}

const SettingRow* row_of_flag(std::string_view flag) {
  constexpr std::string_view with_prefix = "--belay-";  // the whole key is taken too
  const std::string whole = flag.substr(0, with_prefix.size()) == with_prefix
                                ? "--" + std::string(flag.substr(with_prefix.size()))
                                : std::string(flag);
  for (const auto& row : setting_rows()) {
    if (flag_of(row.key) == whole || (!row.alias.empty() && flag_of(row.alias) == flag))
      return &row;
  }
  return nullptr;
}

base::Result<FoundMap> from_flags(const std::vector<std::string>& flags) {
  FoundMap out;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const auto equals = flags[i].find('=');
    const std::string name = flags[i].substr(0, equals);
    const SettingRow* row = row_of_flag(name);
    if (row == nullptr) {
      std::vector<std::string> known{"--config"};
      for (const auto& each : setting_rows()) known.push_back(flag_of(each.key));
      const bool of_two = name == "--port" || name == "--host";
      const std::string hint =
          of_two ? fmt::format("; belay listens at --api-{0}, and TWS at --tws-{0}", name.substr(2))
                 : did_you_mean(name, known);
      return base::fail(name, fmt::format("unknown flag {}{}", name,
                                          hint.empty() ? "; --help lists them" : hint));
    }
    std::string value;
    if (equals != std::string::npos) {
      value = flags[i].substr(equals + 1);
    } else if (i + 1 < flags.size() && flags[i + 1].substr(0, 2) != "--") {
      value = flags[++i];
    } else if (row->kind == SettingKind::flag) {
      value = "true";
    } else {
      return base::fail(name, fmt::format("{} needs a value: {}", name, expectation(*row)));
    }
    Found found{std::move(value), "the command line", name};
    const auto [at, added] = out.emplace(row->key, found);
    if (!added && at->second.value != found.value) {
      return base::fail(name, fmt::format("{} and {} differ: \"{}\" and \"{}\"", at->second.name,
                                          name, at->second.value, found.value));
    }
  }
  return out;
}

using Pairs = std::map<std::string, std::string>;

// One source of KEY=value pairs; what a stronger one set stays. `typed`: names with their prefix.
void add_pairs(const Pairs& pairs, const std::string& source, FoundMap& out,
               const Pairs& typed = {}) {
  for (const auto& row : setting_rows()) {
    for (const auto key : {row.key, row.alias}) {
      const auto pair = pairs.find(std::string(key));
      if (!key.empty() && pair != pairs.end()) {
        const auto whole = typed.find(pair->first);
        out.emplace(row.key, Found{pair->second, source,
                                   whole == typed.end() ? pair->first : whole->second});
      }
    }
  }
}

// IB_HOST beside TWS_HOST anywhere below the flags: which one was meant is not ours to guess.
base::Status<> check_aliases(const std::vector<const std::map<std::string, std::string>*>& all) {
  for (const auto& row : setting_rows()) {
    if (row.alias.empty()) continue;
    const std::string* own = nullptr;
    const std::string* other = nullptr;
    for (const auto* pairs : all) {
      const auto a = pairs->find(std::string(row.key));
      const auto b = pairs->find(std::string(row.alias));
      if (own == nullptr && a != pairs->end()) own = &a->second;
      if (other == nullptr && b != pairs->end()) other = &b->second;
    }
    if (own != nullptr && other != nullptr && *own != *other) {
      return base::fail(std::string(row.key),
                        fmt::format("{} is \"{}\" and {} is \"{}\": they mean the same setting; "
                                    "set one of them",
                                    row.key, *own, row.alias, *other));
    }
  }
  return base::ok();
}

class Values {
 public:
  explicit Values(const FoundMap& found) : found_(found) {}
  const std::string& text(std::string_view key) const { return found_.at(std::string(key)).value; }
  template <class T>
  T whole(std::string_view key) const {
    return static_cast<T>(base::Decimal::parse(text(key))->units() / base::Decimal::one);
  }
  base::Duration seconds(std::string_view key) const {
    return base::Duration(base::Decimal::parse(text(key))->units() * 10);
  }
  bool flag(std::string_view key) const { return text(key) == "true"; }

 private:
  const FoundMap& found_;
};

// [::1] as ::1: with a port behind it an address has brackets, and people leave them.
std::string bare_host(const std::string& host) {
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return brackets ? host.substr(1, host.size() - 2) : host;
}

// An address that other machines reach. What a name stands for is judged where it is resolved and
// bound (resolve_api_host).
bool is_reachable_address(const std::string& host) {
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24U != 127;
  in6_addr six{};
  return inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six) == 0;
}

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> out;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    part.erase(std::remove(part.begin(), part.end(), ' '), part.end());
    if (!part.empty()) out.push_back(part);
  }
  return out;
}

// A window or a day's end; "off" is none.
template <class T>
base::Status<> read_calendar(const Values& values, const char* key, std::optional<T>& out) {
  if (values.text(key) == "off") return base::ok();
  auto parsed = T::parse(values.text(key));
  if (!parsed) {
    return base::fail(
        key, fmt::format("{} is \"{}\": {}", key, values.text(key), parsed.error().detail));
  }
  out = std::move(*parsed);
  return base::ok();
}

base::Status<> read_calendar(const Values& values, core::CalendarOptions& out) {
  auto read = read_calendar(values, "DAILY_RESET_WINDOW", out.daily_reset);
  if (read) read = read_calendar(values, "WEEKLY_LOGIN_WINDOW", out.weekly_login);
  if (read) read = read_calendar(values, "TRADING_DAY_ENDS", out.day_end);
  out.reset_lead = values.seconds("RESET_LEAD");
  out.day_end_lead = values.seconds("DAY_END_LEAD");
  return read;
}

// The error names the key and what is wrong with it.
base::Status<> build_ids_and_alerts(const Values& values, Settings& s) {
  auto ranges = core::parse_id_ranges(values.text("ID_RANGES"));
  if (!ranges) {
    return base::fail("ID_RANGES", fmt::format("ID_RANGES: {}", ranges.error().detail));
  }
  s.ids.ranges = std::move(*ranges);
  s.ids.window = values.whole<std::int64_t>("ID_VALIDATION_WINDOW");
  s.ids.block_max = values.whole<std::int64_t>("ID_BLOCK_MAX");
  s.ids.blocks_max = values.whole<std::size_t>("ID_BLOCKS_MAX");
  s.ids.skip_max = values.whole<std::int64_t>("ID_SKIP_MAX");
  s.ids.block_room = values.whole<std::int64_t>("ID_BLOCK_ROOM");
  s.id_reserve_per_hour = values.whole<std::int64_t>("ID_RESERVE_PER_HOUR");
  s.id_reserve_per_day = values.whole<std::int64_t>("ID_RESERVE_PER_DAY");
  s.ids.block_hold = values.seconds("ID_BLOCK_HOLD");
  s.ids.monitor_interval = values.seconds("ID_MONITOR_INTERVAL");
  s.ids.stale_after = 3600 * values.seconds("STALE_ORDER_HOURS");
  s.ids.stale_gtc_exempt = values.flag("STALE_GTC_EXEMPT");
  s.ids.reset_timeout = values.seconds("ID_RESET_TIMEOUT");
  s.ids.collision_resends = values.whole<unsigned>("ID_COLLISION_RESENDS");
  s.ids.collision_window = values.seconds("ID_COLLISION_WINDOW");
  s.incidents_max = values.whole<std::size_t>("INCIDENTS_MAX");
  s.alert_level = values.text("ALERT_LEVEL");
  auto command = split_words(values.text("ALERT_COMMAND"));
  if (!command) {
    return base::fail("ALERT_COMMAND", fmt::format("ALERT_COMMAND: {}", command.error().detail));
  }
  s.alert_command = std::move(*command);
  s.alert_webhook = values.text("ALERT_WEBHOOK");
  if (!s.alert_webhook.empty()) {
    if (const auto url = parse_http_url(s.alert_webhook); !url) {
      return base::fail("ALERT_WEBHOOK", fmt::format("ALERT_WEBHOOK is \"{}\"; {}", s.alert_webhook,
                                                     url.error().detail));
    }
  }
  s.alert_timeout = values.seconds("ALERT_TIMEOUT");
  s.alert_queue_max = values.whole<std::size_t>("ALERT_QUEUE_MAX");
  s.alert_attempts = values.whole<unsigned>("ALERT_ATTEMPTS");
  return base::ok();
}

// What is wrong with settings together, each of which is good by itself.
base::Status<> check_together(const Values& values, const Settings& s) {
  if ((s.tws_port == 7496 || s.tws_port == 4001) && !s.allow_live) {
    return base::fail("TWS_PORT",
                      fmt::format("TWS_PORT {} is a live port; expected a paper port (7497, 4002), "
                                  "or BELAY_ALLOW_LIVE=true if real money is meant",
                                  s.tws_port));
  }
  if (is_reachable_address(s.api_host)) {
    return base::fail("API_HOST",
                      fmt::format("API_HOST is {}, which is reachable from other machines; "
                                  "expected a loopback address such as 127.0.0.1, because beyond "
                                  "it a token and TLS are needed and not available yet",
                                  s.api_host));
  }
  if (s.bind_manual && s.client_id != 0) {
    return base::fail(
        "BELAY_BIND_MANUAL",
        fmt::format("BELAY_BIND_MANUAL is true and CLIENT_ID is {}; only client 0 can "
                    "bind manual orders: expected CLIENT_ID=0, or false",
                    s.client_id));
  }
  if (values.text("BELAY_AUTH") == "required") {
    return base::fail("BELAY_AUTH",
                      "BELAY_AUTH is required, and tokens are not available yet; expected auto");
  }
  return base::ok();
}

base::Result<Settings> build(const FoundMap& found) {
  const Values values(found);
  Settings s;
  s.tws_host = bare_host(values.text("TWS_HOST"));
  s.tws_port = values.whole<std::uint16_t>("TWS_PORT");
  s.client_id = values.whole<std::int32_t>("CLIENT_ID");
  s.connection_timeout = values.seconds("CONNECTION_TIMEOUT");
  s.api_host = bare_host(values.text("API_HOST"));
  s.api_connections_max = values.whole<std::size_t>("API_CONNECTIONS_MAX");
  s.api_buffers_max = values.whole<std::size_t>("API_BUFFERS_MAX") << 20U;
  s.api_stall_timeout = values.seconds("API_STALL_TIMEOUT");
  s.api_port = values.whole<std::uint16_t>("API_PORT");
  s.api_allowed_hosts = split_commas(values.text("API_ALLOWED_HOSTS"));
  s.log_level = values.flag("DEBUG") ? "debug" : values.text("LOG_LEVEL");
  s.log_file = values.text("BELAY_LOG_FILE");
  s.reconnect_attempts = values.whole<int>("RECONNECT_ATTEMPTS");
  s.reconnect_delay = values.seconds("RECONNECT_DELAY");
  s.order_acknowledgment_timeout = values.seconds("ORDER_ACKNOWLEDGMENT_TIMEOUT");
  s.tws_message_rate_limit = values.whole<int>("TWS_MESSAGE_RATE_LIMIT");
  s.max_orders_per_contract = values.whole<int>("MAX_ORDERS_PER_CONTRACT");
  s.rate_limit_queue_size = values.whole<std::size_t>("RATE_LIMIT_QUEUE_SIZE");
  s.rate_limit_queue_size_urgent = values.whole<std::size_t>("RATE_LIMIT_QUEUE_SIZE_URGENT");
  s.rate_limit_queue_size_per_caller =
      values.whole<std::size_t>("RATE_LIMIT_QUEUE_SIZE_PER_CALLER");
  s.rate_limit_timeout = values.seconds("RATE_LIMIT_TIMEOUT");
  s.tws_reserve_cancel = values.whole<unsigned>("TWS_RESERVE_CANCEL");
  s.tws_reserve_protective = values.whole<unsigned>("TWS_RESERVE_PROTECTIVE");
  s.tws_reserve_reducing = values.whole<unsigned>("TWS_RESERVE_REDUCING");
  s.data_dir = values.text("BELAY_DATA_DIR");
  s.allow_live = values.flag("BELAY_ALLOW_LIVE");
  s.finished_kept_max = values.whole<std::size_t>("BELAY_FINISHED_KEPT_MAX");
  s.finished_kept = values.seconds("BELAY_FINISHED_KEPT");
  s.history_queue = values.whole<std::size_t>("BELAY_HISTORY_QUEUE");
  s.snapshot_every = values.whole<std::uint64_t>("BELAY_SNAPSHOT_EVERY");
  s.safe_mode = values.flag("BELAY_SAFE");
  s.safe_after_starts = values.whole<std::size_t>("BELAY_SAFE_AFTER_STARTS");
  s.safe_window = values.seconds("BELAY_SAFE_WINDOW");
  s.settle_time = values.seconds("SETTLE_TIME");
  s.reconcile.policy.absence_rounds = values.whole<unsigned>("ABSENCE_ROUNDS");
  s.reconcile.policy.absence_age = values.seconds("ABSENCE_AGE");
  s.reconcile.policy.recency_guard = values.seconds("RECENCY_GUARD");
  s.reconcile.policy.clock_difference_max = values.seconds("CLOCK_DIFFERENCE_MAX");
  s.reconcile.probe_after = values.seconds("PROBE_AFTER");
  s.reconcile.interval = values.seconds("RECONCILE_INTERVAL");
  s.expected_accounts = split_commas(values.text("EXPECTED_ACCOUNTS"));
  if (const auto calendar = read_calendar(values, s.calendar); !calendar) {
    return base::Failure<base::Error>{calendar.error()};
  }
  s.bind_manual = values.flag("BELAY_BIND_MANUAL");
  s.foreign_hold = values.seconds("FOREIGN_HOLD");
  s.foreign_queue_size = values.whole<std::size_t>("FOREIGN_QUEUE_SIZE");
  if (const auto built = build_ids_and_alerts(values, s); !built) {
    return base::Failure<base::Error>{built.error()};
  }
  if (const auto checked = check_together(values, s); !checked) {
    return base::Failure<base::Error>{checked.error()};
  }
  return s;
}

bool is_key_of_file(const std::string& key) {
  return find_setting(key) != nullptr || find_setting(std::string(key_prefix) + key) != nullptr;
}

// The file's pairs under the names of the table. BELAY_ sets our own keys apart in an environment;
// a file of belay needs no such prefix, as a flag needs none, and may have it. A file may not hold
// keys that mean nothing: a typing error would be silence.
base::Result<std::map<std::string, std::string>> pairs_of_file(const SettingSources& sources) {
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : sources.toml) {
    const std::string whole = find_setting(key) != nullptr ? key : std::string(key_prefix) + key;
    if (!is_key_of_file(key)) {
      const auto meant = meant_setting(key);
      return base::fail(key, fmt::format("unknown setting {} in {}{}", key, sources.toml_name,
                                         meant ? fmt::format("; was {} meant?", *meant) : ""));
    }
    if (!out.emplace(whole, value).second) {
      return base::fail(whole, fmt::format("{} is given twice in {}, with {} and without", whole,
                                           sources.toml_name, key_prefix));
    }
  }
  return out;
}

// `.env` belongs to the directory, not to belay: other programs keep their keys there. A key that
// is nearly one of ours is a slip, which must not be silence; every other one is named and ignored.
base::Result<DotEnv> checked_dotenv(const SettingSources& sources,
                                    std::vector<std::string>& warnings) {
  DotEnv read = read_dotenv(sources.dotenv.value_or(""));
  for (const auto& line : read.broken) {
    if (find_setting(line.key) == nullptr && !meant_setting(line.key)) continue;
    return base::fail(".env", fmt::format(".env line {}: expected KEY=value", line.number));
  }
  for (const auto& [key, value] : read.pairs) {
    if (find_setting(key) != nullptr) continue;
    // Where the setting itself stands beside it, DATA_DIR belongs to another program.
    if (const auto meant = meant_setting(key); meant && read.pairs.count(*meant) == 0) {
      return base::fail(key, fmt::format("unknown setting {} in .env; was {} meant?", key, *meant));
    }
  }
  if (std::string text = ignored_of(read); !text.empty()) warnings.push_back(std::move(text));
  return read;
}

// A misspelt variable that was to say which journal and which broker are meant: without it the
// daemon would begin with another journal, or at another broker, as if nothing had been before.
base::Status<> check_places(const std::vector<std::string>& slips, const FoundMap& found) {
  for (const std::string& slip : slips) {
    for (const char* place : {"BELAY_DATA_DIR", "TWS_HOST", "TWS_PORT", "CLIENT_ID"}) {
      if (nearest_setting(slip) != place || found.count(place) != 0) continue;
      return base::fail(slip, fmt::format("{} in the environment is no setting of belay: was {} "
                                          "meant? Mend the name, or say {} yourself",
                                          slip, place, flag_of(place)));
    }
  }
  return base::ok();
}

// Every source merged, the strongest first, and the defaults; each value is checked.
base::Result<FoundMap> collect(const SettingSources& sources, std::vector<std::string>& warnings) {
  const auto dotenv = checked_dotenv(sources, warnings);
  if (!dotenv) return base::Failure<base::Error>{dotenv.error()};
  const auto file = pairs_of_file(sources);
  if (!file) return base::Failure<base::Error>{file.error()};
  const auto agreed = check_aliases({&sources.environment, &dotenv->pairs, &*file});
  if (!agreed) return base::Failure<base::Error>{agreed.error()};
  auto found = from_flags(sources.flags);
  if (!found) return base::Failure<base::Error>{found.error()};
  // The map keeps the first value of a key, so sources are merged from the strongest down.
  add_pairs(sources.environment, "the environment", *found, sources.typed);
  add_pairs(dotenv->pairs, ".env", *found, dotenv->typed);
  add_pairs(*file, sources.toml_name, *found);
  if (auto sure = check_places(sources.slips, *found); !sure) {
    return base::Failure<base::Error>{sure.error()};
  }
  for (const auto& row : setting_rows()) {
    const Found fallback{std::string(row.fallback), "the default", std::string(row.key)};
    const auto [at, added] = found->emplace(row.key, fallback);
    if (!takes(row, at->second.value)) return wrong(row, at->second);
  }
  return found;
}

}  // namespace

base::Result<Settings> resolve_settings(const SettingSources& sources) {
  if (!sources.problems.empty()) return base::Failure<base::Error>{sources.problems.front()};
  std::vector<std::string> warnings = sources.warnings;
  const auto found = collect(sources, warnings);
  if (!found) return base::Failure<base::Error>{found.error()};
  auto settings = build(*found);
  if (!settings) return settings;
  settings->warnings = std::move(warnings);
  for (const auto& [key, value] : *found) settings->values.emplace(key, value.value);
  return settings;
}

// Only the two keys that it needs are asked for: a client that must cancel runs whatever else is
// wrong in files that were written for others.
base::Result<ApiEndpoint> resolve_api_endpoint(const SettingSources& sources) {
  ApiEndpoint out;
  out.warnings = sources.warnings;
  for (const auto& problem : sources.problems) {
    out.warnings.push_back(problem.detail + "; going on without it");
  }
  const DotEnv dotenv = read_dotenv(sources.dotenv.value_or(""));
  if (std::string text = ignored_of(dotenv); !text.empty()) out.warnings.push_back(std::move(text));
  auto found = from_flags(sources.flags);
  if (!found) return base::Failure<base::Error>{found.error()};
  add_pairs(sources.environment, "the environment", *found, sources.typed);
  add_pairs(dotenv.pairs, ".env", *found, dotenv.typed);
  add_pairs(sources.toml, sources.toml_name, *found);
  for (const auto& [key, value] : sources.toml) {
    if (is_key_of_file(key)) continue;
    const auto meant = meant_setting(key);
    out.warnings.push_back(fmt::format("{} in {} is no setting of belay: ignored{}", key,
                                       sources.toml_name,
                                       meant ? fmt::format("; was {} meant?", *meant) : ""));
  }
  for (const auto& row : setting_rows()) {
    const Found fallback{std::string(row.fallback), "the default", std::string(row.key)};
    const Found& value = found->emplace(row.key, fallback).first->second;
    if (takes(row, value.value)) continue;
    const auto problem = wrong(row, value);
    if (row.key == "API_HOST" || row.key == "API_PORT") return problem;
    out.warnings.push_back(problem.error.detail + "; not needed here");
  }
  const Values values(*found);
  out.host = bare_host(values.text("API_HOST"));
  out.port = values.whole<std::uint16_t>("API_PORT");
  return out;
}

}  // namespace belay::app
