// SPDX-License-Identifier: Apache-2.0
// The texts around the settings: reading `.env`, writing `.env.example` and the help.
#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <sstream>

#include "apps/belay/config.hpp"
#include "apps/belay/settings_table.hpp"

namespace belay::app {
namespace {

std::string_view strip(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// The value behind '=': quoted to the closing quote, else up to a " #" comment.
std::optional<std::string> read_value(std::string_view text) {
  text = strip(text);
  if (text.empty() || (text.front() != '"' && text.front() != '\'')) {
    if (!text.empty() && text.front() == '#') return "";
    const auto comment = text.find(" #");
    return std::string(strip(text.substr(0, comment)));
  }
  const char quote = text.front();
  const auto end = text.find(quote, 1);
  if (end == std::string_view::npos) return std::nullopt;
  const auto rest = strip(text.substr(end + 1));
  if (!rest.empty() && rest.front() != '#') return std::nullopt;
  return std::string(text.substr(1, end - 1));
}

constexpr std::size_t settings_bytes_max = 1 << 20;

}  // namespace

base::Result<std::optional<std::string>> read_text_file(const std::string& path) {
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const auto why = [&path](int error) {
    return base::fail(path, fmt::format("cannot read {}: {}", path, std::strerror(error)));
  };
  // A pipe would be waited for without an end, a device read without one.
  std::error_code none;
  if (std::filesystem::is_fifo(path, none) || std::filesystem::is_socket(path, none)) {
    return base::fail(path, fmt::format("cannot read {}: it is no ordinary file", path));
  }
  errno = 0;
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr && errno == ENOENT) return std::optional<std::string>();
  if (file == nullptr) return why(errno);
  std::string out;
  char buffer[16384];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;) {
    out.append(buffer, got);
    if (out.size() > settings_bytes_max) {
      return base::fail(
          path, fmt::format("cannot read {}: it has more than {} bytes", path, settings_bytes_max));
    }
  }
  if (std::ferror(file.get()) != 0) return why(errno);  // a directory, for one
  return std::optional(std::move(out));
}

std::optional<std::string> find_program(const std::string& word) {
  const auto fits = [](const std::string& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
  };
  if (word.find('/') != std::string::npos) {
    return fits(word) ? std::optional(word) : std::nullopt;
  }
  const char* path = std::getenv("PATH");
  std::stringstream folders(path == nullptr ? "/bin:/usr/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string full = (folder.empty() ? "." : folder) + "/" + word;
    if (fits(full)) return full;
  }
  return std::nullopt;
}

std::string flag_of(std::string_view key) {
  if (key.substr(0, key_prefix.size()) == key_prefix) key.remove_prefix(key_prefix.size());
  std::string out = "--";
  for (const char c : key) {
    out.push_back(c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
  }
  return out;
}

std::map<std::string, std::string> take_prefixes(std::map<std::string, std::string>& pairs) {
  std::map<std::string, std::string> typed;
  std::vector<std::string> whole;
  for (const auto& [key, value] : pairs) {
    if (bare_key(key) != key) whole.push_back(key);
  }
  for (const auto& key : whole) {
    auto node = pairs.extract(key);
    const std::string bare(bare_key(key));
    pairs[bare] = std::move(node.mapped());
    typed[bare] = key;
  }
  return typed;
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool six = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", six ? "[" : "", host, six ? "]" : "", port);
}

DotEnv read_dotenv(std::string_view text) {
  DotEnv out;
  int number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = strip(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    if (line.substr(0, 7) == "export ") line = strip(line.substr(7));
    const auto equals = line.find('=');
    const auto value =
        equals == std::string_view::npos ? std::nullopt : read_value(line.substr(equals + 1));
    const auto key = strip(line.substr(0, equals));
    if (!value || key.empty()) {
      // "API_PORT 8002" has a key too.
      out.broken.push_back({number, std::string(key.substr(0, key.find_first_of(" \t:")))});
    } else if (!value->empty()) {
      out.pairs[std::string(key)] = *value;
    }
  }
  out.typed = take_prefixes(out.pairs);
  return out;
}

std::string ignored_of(const DotEnv& dotenv) {
  constexpr std::size_t named = 3;
  std::vector<std::string> names;
  for (const auto& [key, value] : dotenv.pairs) {
    if (find_setting(key) != nullptr) continue;
    const auto meant = nearest_setting(key);
    names.push_back(key.substr(0, 64) + (meant ? fmt::format(" (was {} meant?)", *meant) : ""));
  }
  for (const auto& line : dotenv.broken) names.push_back(fmt::format("line {}", line.number));
  if (names.empty()) return "";
  std::string out = ".env: ";
  for (std::size_t i = 0; i < std::min(named, names.size()); ++i) {
    out += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > named) out += fmt::format(" and {} more", names.size() - named);
  return out + (names.size() == 1 ? " is no setting of belay: ignored"
                                  : " are no settings of belay: ignored");
}

std::optional<std::string> doubt_of_address(const SettingSources& sources) {
  for (const auto& problem : sources.problems) {
    if (problem.field != ".env") return problem.detail;
  }
  const DotEnv dotenv = read_dotenv(sources.dotenv.value_or(""));
  const auto is_given = [&](const std::string& key) {
    const std::string flag = flag_of(key);
    const bool by_flag = std::any_of(
        sources.flags.begin(), sources.flags.end(),
        [&](const std::string& word) { return word.substr(0, word.find('=')) == flag; });
    return by_flag || sources.environment.count(key) != 0 || dotenv.pairs.count(key) != 0 ||
           sources.toml.count(key) != 0;
  };
  std::optional<std::string> out;
  const auto look_at = [&](const std::string& key, const std::string& where, bool broken) {
    if (out || (find_setting(key) != nullptr && !broken)) return;
    const auto meant = nearest_setting(key);
    if (!meant || (*meant != "API_HOST" && *meant != "API_PORT") || is_given(*meant)) return;
    out = fmt::format(
        "{} in {}: was {} meant? The order might go to another daemon than you think. Nothing was "
        "sent; mend the name, or say {} yourself",
        key, where, *meant, flag_of(*meant));
  };
  for (const auto& line : dotenv.broken) {
    look_at(line.key, fmt::format("line {} of .env, which is not KEY=value", line.number), true);
  }
  for (const auto& [key, value] : dotenv.pairs) look_at(key, ".env", false);
  for (const auto& [key, value] : sources.toml) look_at(key, sources.toml_name, false);
  for (const auto& key : sources.slips) look_at(key, "the environment", false);
  return out;
}

std::vector<std::string> changed_keys(const Settings& before, const Settings& after) {
  std::vector<std::string> out;
  for (const auto& [key, value] : after.values) {
    const auto old = before.values.find(key);
    if (old == before.values.end() || old->second != value) out.push_back(key);
  }
  return out;
}

std::vector<std::string> unknown_variables(const char* const* environment) {
  std::vector<std::string> out;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    const std::string_view key = entry.substr(0, entry.find('='));
    if (key.substr(0, key_prefix.size()) == key_prefix && find_setting(bare_key(key)) == nullptr)
      out.emplace_back(key);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string unknown_variable_text(const std::string& name) {
  std::string hint;
  if (const auto nearest = nearest_setting(name)) {
    const bool whole = std::string_view(*nearest).substr(0, key_prefix.size()) == key_prefix;
    hint = fmt::format("; was {}{} meant?", whole ? "" : key_prefix, *nearest);
  }
  return fmt::format("the environment variable {} is no setting of belay: ignored{}", name, hint);
}

std::string env_example() {
  std::string out =
      "# Settings of belay. Copy to .env and change what you need; every line shows the default.\n"
      "# BELAY_ may stand before any name, to set it apart from other programs' (BELAY_API_PORT).\n"
      "# Stronger: flags (--tws-port 4002), then environment variables. Weaker: --config FILE.\n"
      "# Keys of other programs are ignored with a warning; belay serve refuses a key that is "
      "nearly one of these.\n";
  for (const auto& row : setting_rows()) {
    out += fmt::format("\n# {}.", row.help);
    if (row.kind == SettingKind::whole || row.kind == SettingKind::decimal) {
      out += fmt::format(" {} to {}.", row.low, row.high);
    }
    if (row.kind == SettingKind::choice) out += fmt::format(" One of {}.", row.low);
    if (!row.alias.empty()) out += fmt::format(" Also {}.", row.alias);
    out += fmt::format("\n#{}={}\n", row.key, row.fallback);
  }
  return out;
}

std::string settings_help() {
  std::string out =
      fmt::format("  {:34} {}\n", "--config FILE", "TOML file with settings (tws_port = 4002)");
  for (const auto& row : setting_rows()) {
    const std::string flag = flag_of(row.key) + (row.kind == SettingKind::flag ? "" : " VALUE");
    out += fmt::format("  {:34} {} [{}]\n", flag, row.help, row.fallback);
  }
  return out;
}

}  // namespace belay::app
