// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/config.hpp"

#include <arpa/inet.h>

#include <fmt/format.h>

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

// An address that other machines reach. What a name stands for is judged where it is resolved and
// bound (resolve_api_host).
bool is_reachable_address(const std::string& host) {
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24U != 127;
  in6_addr six{};
  return inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six) == 0;
}

// What is wrong with settings together, each of which is good by itself.
base::Status<> check_together(const Settings& s) {
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
  return base::ok();
}

base::Result<Settings> build(const FoundMap& found) {
  Settings s;
  for (const auto& row : setting_rows()) {
    if (auto set = row.set(row, found.at(std::string(row.key)).value, s); !set) {
      return base::Failure<base::Error>{set.error()};
    }
  }
  if (const auto checked = check_together(s); !checked) {
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
  const auto port = base::Decimal::parse(found->at("API_PORT").value);
  out.host = bare_host(found->at("API_HOST").value);
  out.port = static_cast<std::uint16_t>(port->units() / base::Decimal::one);
  return out;
}

}  // namespace belay::app
