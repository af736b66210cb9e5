// SPDX-License-Identifier: Apache-2.0
// Where the values of the settings come from: flags, the environment, ./.env, the file.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "apps/belay/config.hpp"
#include "apps/belay/config_toml.hpp"
#include "apps/belay/settings_table.hpp"

namespace belay::app {
namespace {

// A directory of this name (some keep a Python environment there) holds no settings.
void read_dotenv_file(SettingSources& sources) {
  std::error_code none;
  if (std::filesystem::is_directory(".env", none)) {
    sources.warnings.push_back(".env is a directory: ignored");
    return;
  }
  auto text = read_text_file(".env");
  if (text) {
    sources.dotenv = std::move(*text);
  } else {
    sources.problems.push_back(text.error());
  }
}

}  // namespace

SettingSources read_sources(const std::vector<std::string>& flags) {
  SettingSources sources;
  std::optional<std::string> file;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] == "--config" && i + 1 < flags.size()) {
      file = flags[++i];
    } else if (flags[i].substr(0, 9) == "--config=") {
      file = flags[i].substr(9);
    } else if (flags[i] == "--config") {
      sources.problems.push_back({"--config", "--config needs the name of a file"});
    } else {
      sources.flags.push_back(flags[i]);
    }
  }
  for (const auto& row : setting_rows()) {
    for (const std::string_view name : {row.key, row.alias}) {
      if (name.empty()) continue;
      for (const std::string& key : {std::string(name), fmt::format("{}{}", key_prefix, name)}) {
        // An empty variable is how shells and containers say "not set".
        const char* value = std::getenv(key.c_str());
        if (value != nullptr && *value != '\0') sources.environment[key] = value;
      }
    }
  }
  sources.typed = take_prefixes(sources.environment);
  for (const std::string& name : unknown_variables(environ)) {
    if (!nearest_setting(name)) continue;
    sources.warnings.push_back(unknown_variable_text(name));
    sources.slips.push_back(name);
  }
  read_dotenv_file(sources);
  if (file) {
    auto pairs = read_toml(*file);
    if (pairs) {
      sources.toml = std::move(*pairs);
      sources.toml_name = *file;
    } else {
      sources.problems.push_back(pairs.error());
    }
  }
  return sources;
}

base::Result<Settings> load_settings(const std::vector<std::string>& flags) {
  auto settings = resolve_settings(read_sources(flags));
  if (!settings || settings->alert_command.empty()) return settings;
  // Better now than when the first alert has nowhere to go.
  const std::string& program = settings->alert_command.front();
  if (!find_program(program)) {
    return base::fail("ALERT_COMMAND",
                      fmt::format("there is no program {} that can be run", program));
  }
  return settings;
}

}  // namespace belay::app
