// SPDX-License-Identifier: Apache-2.0
// docs/API.md names every route with its parameters, every field and every problem code.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "belay/api/order_request.hpp"
#include "belay/api/problem.hpp"
#include "belay/api/routes.hpp"
#include "belay/model/ord_types.hpp"
#include "belay/model/sec_types.hpp"
#include "tests/support/service_fixture.hpp"
#include "tests/support/source_root.hpp"

using namespace belay::api;

namespace {

std::vector<std::string> lines_of_page() {
  std::ifstream file(belay::test::source_root() / "docs" / "API.md");
  REQUIRE(file);
  std::vector<std::string> out;
  for (std::string line; std::getline(file, line);) out.push_back(line);
  return out;
}

// The first line with all these words in back quotes.
bool any_line(const std::vector<std::string>& lines, const std::vector<std::string>& all_of) {
  for (const std::string& line : lines) {
    bool all = true;
    for (const std::string& word : all_of) all = all && has(line, "`" + word + "`");
    if (all) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("documentation: each route has a line with its parameters") {
  const auto lines = lines_of_page();
  for (const Route& route : routes()) {
    std::vector<std::string> words{std::string(route.method) + " " + std::string(route.path)};
    std::stringstream parameters{std::string(route.parameters)};
    for (std::string word; parameters >> word;) words.push_back(word);
    CAPTURE(words.front());
    CHECK(any_line(lines, words));
  }
}

TEST_CASE("documentation: each field of an order and of a change, and each problem code is named") {
  const auto lines = lines_of_page();
  for (const auto& field : place_fields()) {
    CAPTURE(field.field);
    CHECK(any_line(lines, {field.field}));
  }
  // Each word of a closed set stands in the line of its field.
  const auto words_of = [&](const char* field, const auto& rows) {
    for (const auto& row : rows) {
      bool offered = row.name != "OTHER";
      if constexpr (requires { row.orders; }) offered = offered && row.orders;
      CAPTURE(row.name);
      if (offered) CHECK(any_line(lines, {field, std::string(row.name)}));
    }
  };
  words_of("order_type", belay::model::ord_type_rows);
  words_of("time_in_force", belay::model::tif_rows);
  words_of("contract", belay::model::sec_type_rows);
  std::vector<std::string> change{"PUT /api/v1/orders/{id}"};
  for (const auto& field : patch_fields()) change.push_back(field.field);
  CHECK(any_line(lines, change));
  for (const ProblemRow& row : problem_rows()) {
    CAPTURE(row.name);
    CHECK(any_line(lines, {std::string(row.name)}));
  }
}
