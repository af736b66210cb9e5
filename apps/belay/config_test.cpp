// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/config.hpp"
#include "apps/belay/resolve.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "apps/belay/config_toml.hpp"
#include "apps/belay/settings_table.hpp"

using namespace belay;
using namespace belay::app;

namespace {
std::string error_of(const SettingSources& sources) {
  const auto settings = resolve_settings(sources);
  REQUIRE_FALSE(settings.has_value());
  return settings.error().detail;
}
SettingSources flags(std::vector<std::string> list) {
  SettingSources sources;
  sources.flags = std::move(list);
  return sources;
}
bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}
}  // namespace

TEST_CASE("settings: without any source the documented defaults hold") {
  const auto s = resolve_settings({});
  REQUIRE(s.has_value());
  CHECK(s->tws_host == "127.0.0.1");
  CHECK(s->tws_port == 7497);
  CHECK(s->client_id == 0);
  CHECK(s->connection_timeout == std::chrono::seconds(10));
  CHECK(s->api_host == "127.0.0.1");
  CHECK(s->api_port == 8001);
  CHECK(s->log_level == "info");
  CHECK(s->reconnect_attempts == 3);
  CHECK(s->order_acknowledgment_timeout == std::chrono::seconds(2));
  CHECK(s->tws_message_rate_limit == 45);
  CHECK(s->max_orders_per_contract == 18);
  CHECK_FALSE(s->allow_live);
}

TEST_CASE("settings: flag beats environment beats .env beats file beats default") {
  SettingSources sources;
  sources.toml = {{"CLIENT_ID", "1"}};
  sources.toml_name = "belay.toml";
  CHECK(resolve_settings(sources)->client_id == 1);
  sources.dotenv = "CLIENT_ID=2\n";
  CHECK(resolve_settings(sources)->client_id == 2);
  sources.environment = {{"CLIENT_ID", "3"}};
  CHECK(resolve_settings(sources)->client_id == 3);
  sources.flags = {"--client-id", "4"};
  CHECK(resolve_settings(sources)->client_id == 4);
}

TEST_CASE("settings: every key is a flag, with a space or an equals sign") {
  for (const auto& row : setting_rows()) {
    CAPTURE(row.key);
    const std::string value(row.fallback);
    CHECK(resolve_settings(flags({flag_of(row.key) + "=" + value})).has_value());
    if (!value.empty()) CHECK(resolve_settings(flags({flag_of(row.key), value})).has_value());
  }
  CHECK(flag_of("BELAY_ALLOW_LIVE") == "--allow-live");
  CHECK(resolve_settings(flags({"--belay-allow-live"}))->allow_live);
  CHECK(resolve_settings(flags({"--allow-live"}))->allow_live);
}

TEST_CASE("settings: a wrong value names the key, its source and what was expected") {
  SettingSources sources;
  sources.dotenv = "TWS_PORT=high\n";
  const std::string text = error_of(sources);
  for (const char* part : {"TWS_PORT", ".env", "high", "1", "65535"}) CHECK(has(text, part));
  CHECK(has(error_of(flags({"--tws-port", "0"})), "the command line"));
  SettingSources environment;
  environment.environment = {{"DEBUG", "yes"}};
  CHECK(has(error_of(environment), "true or false"));
  CHECK(has(error_of(flags({"--log-level", "loud"})), "one of debug info"));
  CHECK(has(error_of(flags({"--client-id", "1.5"})), "whole number"));
  CHECK(has(error_of(flags({"--colour", "red"})), "--colour"));
  CHECK(has(error_of(flags({"--tws-port"})), "needs a value"));
}

TEST_CASE("settings: an alias means the same key, and two that differ are refused by name") {
  SettingSources sources;
  sources.environment = {{"IB_PORT", "4002"}};
  CHECK(resolve_settings(sources)->tws_port == 4002);
  sources.environment["TWS_PORT"] = "4002";
  CHECK(resolve_settings(sources).has_value());
  sources.environment["TWS_PORT"] = "7497";
  const std::string text = error_of(sources);
  CHECK(has(text, "IB_PORT"));
  CHECK(has(text, "TWS_PORT"));
  SettingSources across;
  across.environment = {{"IB_HOST", "a"}};
  across.dotenv = "TWS_HOST=b\n";
  CHECK(has(error_of(across), "IB_HOST"));
}

TEST_CASE("settings: live ports need BELAY_ALLOW_LIVE=true") {
  for (const char* port : {"7496", "4001"}) {
    CHECK(has(error_of(flags({"--tws-port", port})), "BELAY_ALLOW_LIVE"));
    CHECK(resolve_settings(flags({"--tws-port", port, "--belay-allow-live", "true"})).has_value());
  }
}

TEST_CASE("settings: an address beyond the loopback is refused by key") {
  for (const char* host : {"0.0.0.0", "192.168.1.2", "::", "::ffff:10.0.0.1"}) {
    CHECK(has(error_of(flags({"--api-host", host})), "API_HOST"));
  }
  CHECK(resolve_settings(flags({"--api-host", "localhost"})).has_value());
  CHECK(has(error_of(flags({"--belay-auth", "required"})), "BELAY_AUTH"));
}

TEST_CASE("settings: it is the address that is on the loopback, never a name that looks like one") {
  for (const char* address : {"127.0.0.1", "127.255.0.9", "::1"}) {
    CHECK(is_loopback_address(address));
  }
  for (const char* other :
       {"127.lan.example", "127.1", "localhost", "128.0.0.1", "::", "1127.0.0.1"}) {
    CHECK_FALSE(is_loopback_address(other));
  }
  CHECK(*resolve_api_host("localhost") == "127.0.0.1");
  CHECK(*resolve_api_host("127.1") == "127.0.0.1");
  CHECK_FALSE(resolve_api_host("192.0.2.1").has_value());
  CHECK_FALSE(resolve_api_host("0.0.0.0").has_value());
}

TEST_CASE("settings: manual orders are bound by client 0 only, and only when that is asked for") {
  CHECK_FALSE(resolve_settings(flags({}))->bind_manual);
  CHECK(has(error_of(flags({"--bind-manual", "--client-id", "7"})), "BELAY_BIND_MANUAL"));
  const auto settings = resolve_settings(flags({"--bind-manual"}));
  REQUIRE(settings.has_value());
  CHECK(settings->bind_manual);
}

TEST_CASE("settings: another client's id is held for at most 5 s") {
  CHECK(resolve_settings(flags({}))->foreign_hold == std::chrono::seconds(5));
  CHECK(has(error_of(flags({"--foreign-hold", "6"})), "--foreign-hold"));
}

TEST_CASE("settings: the client finds the daemon whatever the broker's settings are") {
  const auto endpoint = resolve_api_endpoint(flags({"--tws-port", "7496", "--api-port", "9000"}));
  REQUIRE(endpoint.has_value());
  CHECK(endpoint->port == 9000);
}

TEST_CASE(".env: comments, export and quotes are understood, broken lines name their number") {
  const DotEnv read =
      read_dotenv("# c\n\nexport A=1\nB = \"two words\" # c\nC='x#y'\nD=plain # c\nE=\r\nF=a#b\n");
  CHECK(read.broken.empty());
  CHECK(read.pairs ==
        std::map<std::string, std::string>{
            {"A", "1"}, {"B", "two words"}, {"C", "x#y"}, {"D", "plain"}, {"F", "a#b"}});
  CHECK(read_dotenv("A=1\njunk\n").broken.at(0).number == 2);
  CHECK(read_dotenv("A=\"open\n").broken.at(0).key == "A");
}

TEST_CASE("toml: keys of any case, typed values as text, unknown keys and broken files named") {
  const auto pairs = parse_toml(
      "tws_port = 4002\nTWS_HOST = \"h\"\ndebug = true\n"
      "connection_timeout = 2.5\n",
      "f.toml");
  REQUIRE(pairs.has_value());
  CHECK(pairs->at("TWS_PORT") == "4002");
  CHECK(pairs->at("DEBUG") == "true");
  CHECK(pairs->at("CONNECTION_TIMEOUT") == "2.5");
  CHECK(has(parse_toml("a = \n", "f.toml").error().detail, "f.toml line 1"));
  CHECK_FALSE(parse_toml("[tws]\nport = 1\n", "f.toml").has_value());
  SettingSources sources;
  sources.toml = {{"TWS_PROT", "1"}};
  sources.toml_name = "f.toml";
  CHECK(has(error_of(sources), "TWS_PROT in f.toml"));
}

TEST_CASE("toml: every setting is taken from a file, our own with their prefix and without") {
  const auto check = [](const SettingRow& row, std::string spelling) {
    CAPTURE(spelling);
    for (char& c : spelling) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    SettingSources sources;
    sources.toml_name = "f.toml";
    sources.toml = *parse_toml(spelling + " = \"" + std::string(row.fallback) + "\"", "f.toml");
    CHECK(resolve_settings(sources).has_value());
    // No setting may be a line break, so what is refused was read, under this row's name.
    sources.toml = *parse_toml(spelling + " = \"\\n\"", "f.toml");
    const auto refused = resolve_settings(sources);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().field == row.key);
    CHECK(has(refused.error().detail, "f.toml"));
  };
  for (const auto& row : setting_rows()) {
    check(row, std::string(row.key));
    if (!row.alias.empty()) check(row, std::string(row.alias));
    if (row.key.substr(0, 6) == "BELAY_") check(row, std::string(row.key.substr(6)));
  }
}

TEST_CASE("toml: what a key says without the prefix is what the daemon does") {
  SettingSources sources;
  sources.toml = *parse_toml("data_dir = \"cf.data\"\nsafe = true\ntws_port = 21161\n", "f.toml");
  sources.toml_name = "f.toml";
  const auto settings = resolve_settings(sources);
  REQUIRE(settings.has_value());
  CHECK(settings->data_dir == "cf.data");
  CHECK(settings->safe_mode);
  CHECK(settings->tws_port == 21161);
  sources.toml["AUTH"] = "required";
  CHECK(has(error_of(sources), "BELAY_AUTH is required"));
}

TEST_CASE("toml: one key in both spellings, and spellings of the command line, are refused") {
  SettingSources sources;
  sources.toml_name = "f.toml";
  sources.toml = {{"DATA_DIR", "a"}, {"BELAY_DATA_DIR", "a"}};
  CHECK(has(error_of(sources), "BELAY_DATA_DIR is given twice in f.toml"));
  for (const char* key : {"DATA-DIR", "TWS-PORT", "BELAY_TWS_PORT", "BELAY_BELAY_SAFE"}) {
    sources.toml = {{key, "7497"}};
    CHECK(has(error_of(sources), std::string("unknown setting ") + key));
  }
}

TEST_CASE("toml: a number keeps all its digits") {
  CHECK(parse_toml("safe_window = 86399.125\n", "f.toml")->at("SAFE_WINDOW") == "86399.125");
}

TEST_CASE(
    ".env: a key that is nearly ours is refused, one of another program is named and ignored") {
  for (const char* slip : {"TWS_PROT=4002", "BELAY_ALLOW_LIFE=true", "CLIENT_IDS=3",
                           "BELAY_TWS_PROT=1", "TWS_PORT=\"4002", "DATA_DIR=/srv/belay",
                           "tws_port=1", "TWSPORT=1", "tws-port=1", "IB_CLIENTID=3"}) {
    CAPTURE(slip);
    SettingSources sources;
    sources.dotenv = std::string(slip) + "\n";
    CHECK(has(error_of(sources), ".env"));
    CHECK(resolve_api_endpoint(sources).has_value());
  }
  SettingSources sources;
  sources.dotenv =
      "DATABASE_URL=postgres://u:secret@h/d\nTWS_USERID=me\nAPP_PORT=1\nDB_HOST=x\n"
      "not a pair\nIB_PORT=4002\n";
  const auto settings = resolve_settings(sources);
  REQUIRE(settings.has_value());
  CHECK(settings->tws_port == 4002);
  REQUIRE(settings->warnings.size() == 1);
  for (const char* part : {"APP_PORT", "DATABASE_URL", "DB_HOST", "2 more"}) {
    CHECK(has(settings->warnings[0], part));
  }
  CHECK_FALSE(has(settings->warnings[0], "secret"));
  sources.dotenv = "DATA_DIR=/srv/theirs\nBELAY_DATA_DIR=/srv/belay\n";
  const auto both = resolve_settings(sources);
  REQUIRE(both.has_value());
  CHECK(both->data_dir == "/srv/belay");
}

TEST_CASE("client: it finds the daemon whatever is wrong with what it does not need") {
  SettingSources sources;
  sources.dotenv = "DATABASE_URL=x\nTWS_PORT=abc\n???\nAPI_PORT=9001\n";
  sources.environment = {{"LOG_LEVEL", "loud"}, {"IB_HOST", "a"}, {"TWS_HOST", "b"}};
  sources.problems = {{"--config", "cannot read f.toml"}};
  const auto endpoint = resolve_api_endpoint(sources);
  REQUIRE(endpoint.has_value());
  CHECK(endpoint->port == 9001);
  std::string warned;
  for (const auto& line : endpoint->warnings) warned += line + "\n";
  for (const char* part : {"DATABASE_URL", "TWS_PORT", "line 3", "LOG_LEVEL", "f.toml"}) {
    CHECK(has(warned, part));
  }
  sources.environment["API_PORT"] = "x";
  CHECK_FALSE(resolve_api_endpoint(sources).has_value());
}

TEST_CASE("client: who trades is told of a key that is nearly the address") {
  const auto doubt = [](const char* dotenv, std::map<std::string, std::string> toml = {}) {
    SettingSources sources;
    sources.dotenv = dotenv;
    sources.toml = std::move(toml);
    sources.toml_name = "f.toml";
    return doubt_of_address(sources).value_or("");
  };
  for (const char* slip : {"API_PROT=9001", "BELAY_API_PROT=9001", "API_HOSTS=a", "APIPORT=1",
                           "API_PORT 9001", "API_PORT: 9001"}) {
    CAPTURE(slip);
    CHECK(has(doubt(slip), "API_"));
    CHECK(has(doubt(slip), "meant"));
  }
  CHECK(has(doubt("", {{"API_PROT", "9001"}}), "f.toml"));
  for (const char* other : {"TWS_PROT=1", "APP_PORT=1", "DATABASE_URL=x", "API_PORT=9001",
                            "API_PROT=1\nAPI_PORT=9001"}) {
    CAPTURE(other);
    CHECK(doubt(other).empty());
  }
  SettingSources said;
  said.dotenv = "API_PROT=9001";
  said.flags = {"--api-port", "9001"};
  CHECK_FALSE(doubt_of_address(said).has_value());
  said.flags.clear();
  said.dotenv.reset();
  said.slips = {"BELAY_API_PROT"};
  CHECK(has(*doubt_of_address(said), "environment"));
}

TEST_CASE("environment: any setting may have our prefix there, and then it is ours") {
  ::setenv("API_PORT", "9001", 1);  // another program's
  ::setenv("BELAY_API_PORT", "9002", 1);
  const SettingSources sources = read_sources({});
  ::unsetenv("API_PORT");
  ::unsetenv("BELAY_API_PORT");
  CHECK(resolve_api_endpoint(sources)->port == 9002);
  CHECK(resolve_settings(sources)->api_port == 9002);
  SettingSources file;
  file.dotenv = "BELAY_API_PORT=9003\nAPI_PORT=9001\n";
  CHECK(resolve_api_endpoint(file)->port == 9003);
  CHECK(resolve_settings(file)->api_port == 9003);
  const char* const environment[] = {"BELAY_API_PORT=1", "BELAY_API_PROT=1", nullptr};
  CHECK(unknown_variables(environment) == std::vector<std::string>{"BELAY_API_PROT"});
}

TEST_CASE("environment: a variable that is nearly a setting is named with it, by every command") {
  for (const auto& pair : std::map<std::string, std::string>{
           {"BELAY_API_PROT", "BELAY_API_PORT"}, {"BELAY_ALLOW_LIFE", "BELAY_ALLOW_LIVE"}}) {
    const auto& [slip, meant] = pair;
    CAPTURE(pair.first);
    ::setenv(slip.c_str(), "1", 1);
    const SettingSources sources = read_sources({});
    ::unsetenv(slip.c_str());
    const auto told = resolve_api_endpoint(sources)->warnings;
    CHECK(resolve_settings(sources)->warnings == told);
    REQUIRE(told.size() == 1);
    CHECK(has(told[0], slip.c_str()));
    CHECK(has(told[0], ("was " + meant + " meant?").c_str()));
  }
  // What the tests and scripts of belay set is none of them.
  for (const char* other : {"BELAY_WITHOUT", "BELAY_WRITE_GOLDEN", "BELAY_BINARY", "BELAY_BENCH",
                            "BELAY_CHECK", "BELAY_JUDGE", "BELAY_GOLDEN_FILE", "BELAY_CCACHE"}) {
    ::setenv(other, "1", 0);
    CHECK(read_sources({}).warnings.empty());
    ::unsetenv(other);
  }
}

TEST_CASE("environment: a slip in what says where refuses a start, unless that is said elsewhere") {
  for (const auto& [slip, flag] : std::map<std::string, std::string>{
           {"BELAY_DATA_DRI", "--data-dir"}, {"BELAY_TWS_PROT", "--tws-port"}}) {
    ::setenv(slip.c_str(), "1", 1);
    const SettingSources sources = read_sources({});
    const SettingSources said = read_sources({flag, "1234"});
    ::unsetenv(slip.c_str());
    for (const std::string& part : {slip, flag}) CHECK(has(error_of(sources), part.c_str()));
    CHECK(resolve_settings(said).has_value());
    CHECK(resolve_api_endpoint(sources).has_value());
  }
}

TEST_CASE("environment: what is wrong is called by the name that stands there") {
  ::setenv("BELAY_API_PORT", "abc", 1);
  const SettingSources sources = read_sources({});
  ::unsetenv("BELAY_API_PORT");
  CHECK(has(error_of(sources), "BELAY_API_PORT (from the environment)"));
  CHECK(has(resolve_api_endpoint(sources).error().detail, "BELAY_API_PORT (from"));
  SettingSources file;
  file.dotenv = "BELAY_TWS_PORT=abc\n";
  CHECK(has(error_of(file), "BELAY_TWS_PORT (from .env)"));
  file.dotenv = "TWS_PORT=abc\n";
  CHECK(error_of(file).substr(0, 8) == "TWS_PORT");
}

TEST_CASE("client: a key of the settings file that means nothing is named") {
  SettingSources sources;
  sources.toml = {{"API_PROT", "9001"}, {"DATA_DIR", "d"}};
  sources.toml_name = "f.toml";
  const auto endpoint = resolve_api_endpoint(sources);
  REQUIRE(endpoint.has_value());
  REQUIRE(endpoint->warnings.size() == 1);
  for (const char* part : {"API_PROT", "f.toml", "API_PORT"}) {
    CHECK(has(endpoint->warnings[0], part));
  }
  CHECK(has(error_of(sources), "was API_PORT meant?"));
}

TEST_CASE(
    "settings: an address of version 6 has brackets where a port follows, and may have them") {
  CHECK(host_and_port("::1", 8001) == "[::1]:8001");
  CHECK(host_and_port("localhost", 8001) == "localhost:8001");
  CHECK(resolve_settings(flags({"--api-host", "[::1]"}))->api_host == "::1");
  CHECK(resolve_api_endpoint(flags({"--api-host", "[::1]"}))->host == "::1");
  CHECK(has(error_of(flags({"--api-host", "[::]"})), "API_HOST"));
}

TEST_CASE("settings: what differs between two readings is told by its key") {
  const auto before = resolve_settings(flags({}));
  const auto after = resolve_settings(flags({"--log-level", "debug", "--api-port", "9000"}));
  CHECK(changed_keys(*before, *after) == std::vector<std::string>{"API_PORT", "LOG_LEVEL"});
  CHECK(changed_keys(*before, *before).empty());
}

TEST_CASE("environment: variables that begin as ours and are no setting are found, ours are not") {
  const char* const environment[] = {"BELAY_ALLOW_LIFE=true", "BELAY_ALLOW_LIVE=true", "PATH=/bin",
                                     "BELAY_BINARY=x", nullptr};
  CHECK(unknown_variables(environment) ==
        std::vector<std::string>{"BELAY_ALLOW_LIFE", "BELAY_BINARY"});
}

TEST_CASE(
    "files: a directory in the place of a settings file is an error, a missing .env is none") {
  const auto directory = read_text_file("/tmp");
  REQUIRE_FALSE(directory.has_value());
  CHECK(has(directory.error().detail, "/tmp"));
  CHECK(has(read_text_file("/dev/zero").error().detail, "more than"));
  const std::string pipe = "/tmp/belay-config-pipe-" + std::to_string(::getpid());
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(has(read_text_file(pipe).error().detail, "no ordinary file"));
  ::unlink(pipe.c_str());
  const auto missing = read_text_file("/nonexistent/belay.env");
  REQUIRE(missing.has_value());
  CHECK_FALSE(missing->has_value());
  CHECK(has(load_settings({"--config", "/tmp"}).error().detail, "cannot read /tmp"));
  CHECK(has(load_settings({"--config", "/nonexistent.toml"}).error().detail, "cannot read"));
}

TEST_CASE("settings: an alert command that cannot be run is refused at the start") {
  CHECK(has(load_settings({"--alert-command", "/nonexistent -x"}).error().detail,
            "no program /nonexistent"));
  CHECK(has(load_settings({"--alert-command", "no-such-program-here"}).error().detail,
            "no-such-program-here"));
  CHECK(load_settings({"--alert-command", "/nonexistent"}).error().field == "ALERT_COMMAND");
  CHECK(load_settings({"--alert-command", "sh -c true"}).has_value());
}

TEST_CASE(".env.example: the file is what the table says") {
  std::ifstream stream(BELAY_ENV_EXAMPLE);
  REQUIRE(stream);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  CHECK(text == env_example());
  // Every line is a comment, so copying the file changes nothing.
  CHECK(read_dotenv(text).pairs.empty());
}

TEST_CASE("settings: the broker's calendar is read, and what cannot be read names its key") {
  const auto s = resolve_settings({});
  REQUIRE(s.has_value());
  CHECK(s->calendar.daily_reset.has_value());
  CHECK_FALSE(s->calendar.weekly_login.has_value());
  CHECK(s->calendar.day_end.has_value());
  CHECK(s->calendar.reset_lead == std::chrono::minutes(2));
  const auto off = resolve_settings(
      flags({"--daily-reset-window", "off", "--trading-day-ends", "off", "--weekly-login-window",
             "Sat 23:45-Sun 02:00 America/New_York", "--expected-accounts", "DU1, DU2"}));
  REQUIRE(off.has_value());
  CHECK_FALSE(off->calendar.daily_reset.has_value());
  CHECK_FALSE(off->calendar.day_end.has_value());
  CHECK(off->calendar.weekly_login.has_value());
  CHECK(off->expected_accounts == std::vector<std::string>{"DU1", "DU2"});
  CHECK(has(error_of(flags({"--daily-reset-window", "23:45"})), "DAILY_RESET_WINDOW is \"23:45\""));
  CHECK(has(error_of(flags({"--trading-day-ends", "00:00 Mars"})), "America/New_York"));
}
