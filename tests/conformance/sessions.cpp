// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/sessions.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace belay::conformance {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

int to_int(const std::string& text) {
  int out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

// number | file | orders | replays or not | words
std::vector<Session> read_sessions() {
  std::vector<Session> out;
  std::ifstream in(BELAY_SESSIONS_FILE);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream cells(line);
    std::vector<std::string> cell;
    for (std::string one; std::getline(cells, one, '|');) cell.push_back(trimmed(one));
    if (cell.size() < 5) continue;
    Session session;
    session.number = cell[0];
    session.file = cell[1];
    const std::size_t dash = cell[2].find('-');
    session.first = to_int(cell[2]);
    session.last = dash == std::string::npos ? session.first : to_int(cell[2].substr(dash + 1));
    session.replays = cell[3] == "replays";
    session.reason = cell[4];
    out.push_back(std::move(session));
  }
  return out;
}

std::optional<std::string> vectors_folder() {
  const std::string folder = BELAY_VECTORS_DIR;
  return std::filesystem::is_directory(folder + "/live") ? std::optional(folder) : std::nullopt;
}

}  // namespace belay::conformance
