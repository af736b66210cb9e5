// SPDX-License-Identifier: Apache-2.0
#include "belay/model/ids.hpp"

#include <doctest/doctest.h>

using namespace belay::model;

TEST_CASE("ids: an execution id splits at its last dot when a number follows") {
  CHECK(split_exec_id("0000e0d5.6573a1c5.01.02") == ExecId{"0000e0d5.6573a1c5.01", 2});
  CHECK(split_exec_id("0000e0d5.6573a1c5.01.01") == ExecId{"0000e0d5.6573a1c5.01", 1});
  CHECK(split_exec_id("a.b") == ExecId{"a.b", 0});
  CHECK(split_exec_id("plain") == ExecId{"plain", 0});
  CHECK(split_exec_id("") == ExecId{"", 0});
  CHECK(split_exec_id("a.") == ExecId{"a.", 0});
  CHECK(split_exec_id("a.-1") == ExecId{"a.-1", 0});
  CHECK(split_exec_id("a.1x") == ExecId{"a.1x", 0});
  CHECK(split_exec_id("a.4294967295") == ExecId{"a", 4294967295U});
  CHECK(split_exec_id("a.4294967296") == ExecId{"a.4294967296", 0});
}

TEST_CASE("ids: a later revision compares higher than an earlier one of the same execution") {
  CHECK(split_exec_id("x.1.10") > split_exec_id("x.1.09"));
  CHECK(to_string(split_exec_id("x.1.02")) == "x.1.02");
}

TEST_CASE("ids: an order tag names the instance and the order, and reads back only there") {
  const InstanceId here(0x0123456789abULL);
  const InstanceId there(0x0123456789acULL);
  const std::string tag = order_tag(here, OrderId(42));
  CHECK(tag == "b1.0123456789ab.42");
  CHECK(parse_order_tag(here, tag) == OrderId(42));
  CHECK(parse_order_tag(here, tag + ":17") == OrderId(42));  // others append this
  CHECK_FALSE(parse_order_tag(there, tag).has_value());
  CHECK(parse_order_tag(here, order_tag(here, OrderId(UINT64_MAX))) == OrderId(UINT64_MAX));
}

TEST_CASE("ids: what only resembles our tag is not ours") {
  const InstanceId here(0x0123456789abULL);
  for (const char* tag :
       {"", "b1", "b1.", "b1.0123456789ab", "b1.0123456789ab.", "b1.0123456789ab.0",
        "b1.0123456789ab.042", "b1.0123456789ab.4x", "b1.0123456789ab.-4", "b1.0123456789ab.+4",
        "b1.0123456789ab. 4", "b1.0123456789ab.4.5", "b1.0123456789AB.4", "b2.0123456789ab.4",
        " b1.0123456789ab.4", "b1.0123456789ab.:4", "b1.0123456789ab.18446744073709551616",
        "mystrategy"}) {
    CAPTURE(tag);
    CHECK_FALSE(parse_order_tag(here, tag).has_value());
  }
}

TEST_CASE("ids: broker ids of different sessions are different names") {
  CHECK(BrokerOrderId{0, 5} != BrokerOrderId{1, 5});
  CHECK(BrokerOrderIdHash()(BrokerOrderId{0, 5}) != BrokerOrderIdHash()(BrokerOrderId{1, 5}));
}
