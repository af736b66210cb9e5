// SPDX-License-Identifier: Apache-2.0
// Settings of the daemon, strongest source first: flag, environment, `.env` in the working
// directory, TOML file, default. A wrong value is an error that names the key, where it came from
// and what was expected; nothing is guessed. Reading files and the environment happens here only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/result.hpp"
#include "belay/base/time.hpp"
#include "belay/core/ids/id_rules.hpp"
#include "belay/core/link/calendar.hpp"
#include "belay/core/polls/round_state.hpp"

namespace belay::app {

struct Settings {
  core::ReconcileOptions reconcile;
  base::Duration settle_time{};
  std::string tws_host;
  std::uint16_t tws_port = 0;
  std::int32_t client_id = 0;
  base::Duration connection_timeout{};
  std::string api_host;
  std::uint16_t api_port = 0;
  std::vector<std::string> api_allowed_hosts;
  std::size_t api_connections_max = 0;
  std::size_t api_buffers_max = 0;  ///< bytes
  base::Duration api_stall_timeout{};
  std::string log_level;
  std::string log_file;  ///< empty: standard error
  int reconnect_attempts = 0;
  base::Duration reconnect_delay{};
  base::Duration order_acknowledgment_timeout{};
  int tws_message_rate_limit = 0;
  int max_orders_per_contract = 0;
  std::size_t rate_limit_queue_size = 0;
  std::size_t rate_limit_queue_size_urgent = 0;
  std::size_t rate_limit_queue_size_per_caller = 0;
  base::Duration rate_limit_timeout{};
  unsigned tws_reserve_cancel = 0;
  unsigned tws_reserve_protective = 0;
  unsigned tws_reserve_reducing = 0;
  std::string data_dir;
  bool allow_live = false;
  std::size_t finished_kept_max = 0;
  base::Duration finished_kept{};
  std::size_t history_queue = 0;
  std::uint64_t snapshot_every = 0;
  bool safe_mode = false;
  std::size_t safe_after_starts = 0;
  base::Duration safe_window{};
  core::CalendarOptions calendar;
  std::vector<std::string> expected_accounts;
  bool bind_manual = false;
  base::Duration foreign_hold{};
  std::size_t foreign_queue_size = 0;
  core::IdOptions ids;
  std::int64_t id_reserve_per_hour = 0;
  std::int64_t id_reserve_per_day = 0;
  std::size_t incidents_max = 0;
  std::string alert_level;
  std::vector<std::string> alert_command;  ///< empty: none
  std::string alert_webhook;               ///< empty: none, else an address that can be read
  base::Duration alert_timeout{};
  std::size_t alert_queue_max = 0;
  unsigned alert_attempts = 0;
  std::vector<std::string> warnings;  ///< what was found beside the settings and ignored
  std::map<std::string, std::string> values = {};  ///< every setting by its key, as text
};
/// The keys whose values differ, in the order of their names.
std::vector<std::string> changed_keys(const Settings& before, const Settings& after);

/// Where values come from, as text; the real ones are filled by load_settings(argc, argv).
struct SettingSources {
  std::vector<std::string> flags;                  ///< "--tws-port", "7497" or "--tws-port=7497"
  std::map<std::string, std::string> environment;  ///< only keys of the table matter
  std::optional<std::string> dotenv;               ///< the text of .env
  std::map<std::string, std::string> toml;         ///< key -> value, keys in upper case
  std::string toml_name;                           ///< for messages
  std::vector<base::Error> problems = {};          ///< sources that could not be read
  std::vector<std::string> warnings = {};
  /// The names of keys of the environment as they stand there, where a prefix was taken off.
  std::map<std::string, std::string> typed = {};
  std::vector<std::string> slips = {};  ///< variables of the environment that are nearly a setting
};
/// The error's field is the key at fault.
base::Result<Settings> resolve_settings(const SettingSources& sources);

/// Where the command line client finds the daemon: API_HOST and API_PORT alone. What else is wrong
/// in the sources, unreadable files among it, is a warning: a cancel must not wait for it.
struct ApiEndpoint {
  std::string host;
  std::uint16_t port = 0;
  std::vector<std::string> warnings = {};
};
/// Error: one of the two keys has a value that cannot be used.
base::Result<ApiEndpoint> resolve_api_endpoint(const SettingSources& sources);
/// Why the address may lead to another daemon than the one that was meant, for commands that trade:
/// a --config file cannot be read, or a key is nearly API_HOST or API_PORT and that one is not
/// given.
std::optional<std::string> doubt_of_address(const SettingSources& sources);

/// Takes --config and its file out of the flags; reads the environment and ./.env.
SettingSources read_sources(const std::vector<std::string>& flags);
/// Flags after the command's name, e.g. {"--config", "belay.toml", "--tws-port", "4002"}. Reads the
/// environment, ./.env and the file.
base::Result<Settings> load_settings(const std::vector<std::string>& flags);

/// Variables that begin with our prefix and are no setting. They are no error: whatever starts
/// belay may set variables of its own, and one in a shared environment must not keep a daemon from
/// starting.
std::vector<std::string> unknown_variables(const char* const* environment);
/// The warning about one of them, with the name that was probably meant. Every command warns of
/// those that are nearly a setting; the daemon warns of the others too.
std::string unknown_variable_text(const std::string& name);

/// The text of a file; nothing when there is none. Error: it is there and cannot be read.
base::Result<std::optional<std::string>> read_text_file(const std::string& path);
/// Where a program is, as execvp looks for it; nothing when there is none that can be run.
std::optional<std::string> find_program(const std::string& word);

/// Takes the prefix BELAY_ off keys that need not have it. Where a key is there with and without
/// the prefix the one with it counts, because the other may be another program's. Returns the names
/// that the keys had, by the names that they have now.
std::map<std::string, std::string> take_prefixes(std::map<std::string, std::string>& pairs);

/// "127.0.0.1:8001", "[::1]:8001".
std::string host_and_port(const std::string& host, std::uint16_t port);

/// KEY=value lines: comments, `export`, single and double quotes.
struct DotEnv {
  struct Line {
    int number = 0;
    std::string key;  ///< its first word, up to a "=", ":" or space
  };
  std::map<std::string, std::string> pairs;  ///< without empty values
  std::map<std::string, std::string> typed;  ///< as in SettingSources
  std::vector<Line> broken;
};
DotEnv read_dotenv(std::string_view text);
/// One line that names what in `.env` is no setting or cannot be read; empty when all is well. No
/// value is shown, because it may be another program's secret.
std::string ignored_of(const DotEnv& dotenv);
/// The text of `.env.example`; a test keeps the file equal to it.
std::string env_example();
/// One line per flag, for --help of serve.
std::string settings_help();
/// The flag of a key: TWS_HOST -> --tws-host.
std::string flag_of(std::string_view key);

}  // namespace belay::app
