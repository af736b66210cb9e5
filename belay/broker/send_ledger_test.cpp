// SPDX-License-Identifier: Apache-2.0
#include "belay/broker/send_ledger.hpp"

#include <doctest/doctest.h>

using belay::broker::SendLedger;
using Id = SendLedger::Id;

TEST_CASE("ledger: an intent lets its frame be written, once") {
  SendLedger ledger;
  CHECK(ledger.refusal(Id{0, 5})->find("no durable intent") != std::string::npos);
  ledger.intended(Id{0, 5});
  CHECK_FALSE(ledger.refusal(Id{0, 5}).has_value());
  ledger.written(Id{0, 5});
  CHECK(ledger.refusal(Id{0, 5})->find("written already") != std::string::npos);
  CHECK(ledger.intended_total() == 1);
  CHECK(ledger.written_total() == 1);
  CHECK(ledger.open() == 0);
}

TEST_CASE("ledger: ids only increase within a session, and sessions are apart") {
  SendLedger ledger;
  for (const Id id : {Id{0, 7}, Id{0, 6}, Id{1, 6}}) ledger.intended(id);
  ledger.written(Id{0, 7});
  CHECK(ledger.refusal(Id{0, 6}).has_value());
  CHECK_FALSE(ledger.refusal(Id{1, 6}).has_value());
}

TEST_CASE("ledger: an intent that was taken back lets nothing out and is not kept") {
  SendLedger ledger;
  ledger.intended(Id{0, 5});
  ledger.forget(Id{0, 5});
  CHECK(ledger.refusal(Id{0, 5}).has_value());
  CHECK(ledger.open() == 0);
}

TEST_CASE("ledger: a modification of an order of an earlier life may go, one of an unsent not") {
  SendLedger ledger;
  CHECK_FALSE(ledger.replace_refusal(Id{0, 3}).has_value());
  ledger.intended(Id{0, 4});
  CHECK(ledger.replace_refusal(Id{0, 4}).has_value());
  ledger.written(Id{0, 4});
  CHECK_FALSE(ledger.replace_refusal(Id{0, 4}).has_value());
}
