// SPDX-License-Identifier: Apache-2.0
// The words that are commands, their help, and what is said of words that are none.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>

#include "apps/belay/cli_client.hpp"
#include "apps/belay/cli_tables.hpp"
#include "belay/api/http_message.hpp"

namespace belay::app {
namespace {

constexpr std::array client_words{"status",     "buy",       "sell",       "orders", "order",
                                  "modify",     "cancel",    "cancel-all", "halt",   "resume",
                                  "watch",      "positions", "account",    "ids",    "decide",
                                  "executions", "reconcile", "incidents"};
constexpr std::array other_words{"serve", "demo", "sim", "tws", "journal", "version", "help"};

// How many slips of the hand lie between two words: a letter too many, too few, another, or two
// swapped.
std::size_t slips(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) rows[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + other});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.size()][b.size()];
}

// What people call flags elsewhere, and what they are called here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 22> synonyms{{
    {"--qty", "--quantity"},
    {"--size", "--quantity"},
    {"--shares", "--quantity"},
    {"--amount", "--quantity"},
    {"--price", "--limit"},
    {"--limit-price", "--limit"},
    {"--lmt", "--limit"},
    {"--stop-price", "--stop"},
    {"--time-in-force", "--tif"},
    {"--gtd", "--good-till"},
    {"--good-till-date", "--good-till"},
    {"--order-type", "--type"},
    {"--security-type", "--sec-type"},
    {"--ticker", "--symbol"},
    {"--order-id", "--client-order-id"},
    {"--cid", "--client-order-id"},
    {"--acct", "--account"},
    {"--rth", "--outside-rth"},
    {"--settings", "--config"},
    {"--dir", "--data-dir"},
    {"--host", "--api-host"},
    {"--port", "--api-port"},
}};

// The command that was being read, as it is typed, and the words that could have come there.
struct Place {
  std::string path;
  std::vector<std::string> commands;
  std::vector<std::string> options;
  std::vector<std::string> places;  // what has no flag: symbol, quantity
};
Place place_of(const CLI::App& app) {
  const CLI::App* at = &app;
  Place place{at->get_name(), {}, {}, {}};
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    place.path += " " + at->get_name();
  }
  const auto every = [](const auto*) { return true; };
  for (const CLI::App* each : at->get_subcommands(every))
    place.commands.push_back(each->get_name());
  for (const CLI::Option* each : at->get_options(every)) {
    for (const std::string& name : each->get_lnames()) place.options.push_back("--" + name);
    if (each->get_positional() && each->get_lnames().empty()) {
      place.places.push_back(each->get_name(true));
    }
  }
  return place;
}

std::string other_name(std::string_view word) {
  for (const auto& [theirs, here] : synonyms) {
    if (word == theirs) return std::string(here);
  }
  return std::string(word);
}

// A flag that is called otherwise here, a word that is one, or a flag for what has none.
std::string meant_by(const std::string& word, const Place& place) {
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (word.substr(0, 1) != "-") {
    return has(place.options, "--" + word) ? fmt::format("; did you mean --{}?", word) : "";
  }
  for (const std::string& name : {other_name(word), word}) {
    const std::string bare = name.substr(std::min<std::size_t>(2, name.size()));
    if (has(place.places, bare)) {
      return fmt::format("; the {} has no flag here: {} {}", bare, place.path,
                         fmt::join(place.places, " "));
    }
    if (name != word && has(place.options, name)) {
      const bool address = name == "--api-host" || name == "--api-port";
      return fmt::format("; did you mean {}{}?", name,
                         address ? " (the setting API_" + api::to_upper(bare.substr(4)) + ")" : "");
    }
  }
  return "";
}

}  // namespace

bool is_client_command(std::string_view word) {
  return std::find(client_words.begin(), client_words.end(), word) != client_words.end();
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::size_t letters = word.size() - std::min(word.find_first_not_of('-'), word.size());
  const std::size_t most = letters < 4 ? 1 : 2;
  const std::string* best = nullptr;
  std::size_t least = most + 1;
  std::vector<const std::string*> longer;
  for (const std::string& each : known) {
    const std::size_t apart = slips(word, each);
    if (apart < least) best = &each, least = apart;
    if (word.size() > 1 && each.substr(0, word.size()) == word) longer.push_back(&each);
  }
  if (longer.size() == 1) best = longer.front();
  return best == nullptr ? "" : fmt::format("; did you mean {}?", *best);
}

std::string no_command(std::string_view word) {
  std::vector<std::string> known(client_words.begin(), client_words.end());
  known.insert(known.end(), other_words.begin(), other_words.end());
  const std::string hint = did_you_mean(word, known);
  return fmt::format("belay: no command '{}'{}\n", terminal_safe(std::string(word)),
                     hint.empty() ? "; `belay help` lists them" : hint);
}

int parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help
  const std::vector<std::string> unread = app.remaining(true);
  if (unread.empty()) {
    app.exit(error);
    return 2;
  }
  // What is missing may be what was misspelled, so that word is named first.
  const std::string word = unread.front().substr(0, unread.front().find('='));
  const Place place = place_of(app);
  const bool option = word.substr(0, 1) == "-";
  std::string hint = meant_by(word, place);
  if (hint.empty()) hint = did_you_mean(word, option ? place.options : place.commands);
  const bool command = !option && !place.commands.empty();
  fmt::print(stderr, "{}: {} '{}'{}{}\n", place.path,
             command ? "no command" : "not expected:", terminal_safe(word), hint,
             hint.empty() ? fmt::format("; `{} --help` says what is", place.path) : "");
  return 2;
}

std::string_view client_usage() {
  return "  status                       how it stands and what to do\n"
         "  buy|sell SYMBOL QUANTITY [--limit P] [--stop P] [--tif T] [--wait]   place an order\n"
         "  orders [--all] [--open]      orders, newest first\n"
         "  order ID                     one order in full\n"
         "  modify ID [--limit P] ...    change an order\n"
         "  cancel ID [--wait] [--foreign]                      cancel an order\n"
         "  cancel-all [--scope own|account|all] [--dry-run]    cancel what is open\n"
         "  executions                   fills, newest first\n"
         "  reconcile [--dry-run]        ask the broker for everything, compare\n"
         "  decide ID FATE ...           end an order whose fate no evidence shows\n"
         "  positions, account           what the broker says\n"
         "  watch [--from SEQ]           follow the events\n"
         "  halt, resume [--reason]      stop new risk, take it again\n"
         "  ids [reserve|release|validate|reset]   the broker order ids\n"
         "  incidents [--all] [close ID]           what a person should know of\n";
}

}  // namespace belay::app
