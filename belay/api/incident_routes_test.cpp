// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

std::vector<std::string> ids(const Answer& answer) {
  std::vector<std::string> out;
  for (const Json& each : answer.json.find("incidents")->items()) {
    out.push_back(text(each, "text"));
  }
  return out;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("incidents: open ones are listed newest first, by kind and in pages") {
  Daemon d;
  CHECK(ids(d.call("GET", "/api/v1/incidents")).empty());
  for (const char* words : {"one", "two", "three"}) d.submit(core::Alarm{"test", words});
  d.submit(core::Alarm{"other", "four"});
  CHECK(ids(d.call("GET", "/api/v1/incidents")) == Texts{"four", "three", "two", "one"});
  CHECK(ids(d.call("GET", "/api/v1/incidents?kind=other")) == Texts{"four"});
  const Answer page = d.call("GET", "/api/v1/incidents?limit=3");
  CHECK(ids(page) == Texts{"four", "three", "two"});
  CHECK(ids(d.call("GET", "/api/v1/incidents?limit=3&page_token=" + text(page.json, "next"))) ==
        Texts{"one"});
  CHECK(d.call("GET", "/api/v1/incidents?limit=0").status == 422);
}

TEST_CASE("incidents: a person closes one with name and reason, and it is shown while it is kept") {
  Daemon d;
  d.submit(core::Alarm{"broker_unreachable", "three attempts"});
  const Answer list = d.call("GET", "/api/v1/incidents");
  const std::string id = text(list.json.find("incidents")->items().at(0), "incident_id");
  const std::string path = "/api/v1/incidents/" + id;
  CHECK(text(d.call("GET", path).json, "state") == "open");
  CHECK(text(d.call("GET", path).json, "level") == "critical");
  const Answer wrong = d.call("POST", path + "/close", R"({"reason":""})");
  CHECK(wrong.status == 422);
  CHECK(wrong.json.find("errors")->items().size() == 2);
  CHECK(d.call("POST", path + "/close", R"({"operator":"a","reason":"b","who":"c"})").status ==
        422);
  const char* body = R"({"operator":"alice","reason":"restarted"})";
  const Answer done = d.call("POST", path + "/close", body);
  CHECK(done.status == 200);
  CHECK(text(done.json, "closed_by") == "alice");
  const Answer again = d.call("POST", path + "/close", body);
  CHECK(again.status == 409);
  CHECK(text(again.json, "code") == "INCIDENT_CLOSED");
  CHECK(text(again.json, "detail").find("closed already, by alice") != std::string::npos);
  CHECK(ids(d.call("GET", "/api/v1/incidents")).empty());
  CHECK(ids(d.call("GET", "/api/v1/incidents?all=true")) == Texts{"three attempts"});
  const Json closed = d.call("GET", path).json;
  CHECK(text(closed, "state") == "closed");
  CHECK(text(closed, "closed_by") == "alice");
  CHECK(text(closed, "close_reason") == "restarted");
}

TEST_CASE("incidents: what is none is not found, whatever stands there") {
  Daemon d;
  for (const char* id : {"99", "0", "x", "-1", "1/2"}) {
    CAPTURE(id);
    CHECK(d.call("GET", std::string("/api/v1/incidents/") + id).status == 404);
    CHECK(d.call("POST", std::string("/api/v1/incidents/") + id + "/close", "{}").status == 404);
  }
  CHECK(d.call("DELETE", "/api/v1/incidents/1").status == 405);
}
