// SPDX-License-Identifier: Apache-2.0
#include "belay/simkit/disk.hpp"

#include <doctest/doctest.h>

#include <set>

namespace belay::simkit {
namespace {

TEST_CASE("sim disk: what was synced survives every crash, byte for byte") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimDisk disk(seed);
    base::Prng prng(seed);
    disk.create("f");
    disk.write("f", 0, std::string(3'000, 'a'));
    REQUIRE(disk.sync("f") == DiskStatus::done);
    disk.write("f", 3'000, std::string(2'000, 'b'));
    disk.crash(prng);
    REQUIRE(disk.view("f") != nullptr);
    CHECK(disk.view("f")->substr(0, 3'000) == std::string(3'000, 'a'));
  }
}

TEST_CASE("sim disk: unsynced sectors survive in every mixture, and torn ones too") {
  std::set<std::string> outcomes;
  bool torn = false;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SimDisk disk(seed);
    base::Prng prng(seed);
    disk.create("f");
    disk.write("f", 0, std::string(3 * SimDisk::sector, 'o'));
    disk.sync("f");
    disk.write("f", 0, std::string(3 * SimDisk::sector, 'n'));
    disk.crash(prng);
    const std::string& image = *disk.view("f");
    std::string outcome;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string sector = image.substr(i * SimDisk::sector, SimDisk::sector);
      const bool mixed = sector.front() != sector.back();
      torn = torn || mixed;
      outcome += mixed ? 't' : sector.front();
    }
    outcomes.insert(outcome);
  }
  for (const char* outcome : {"ooo", "noo", "ono", "oon", "nno", "non", "onn", "nnn"}) {
    CHECK_MESSAGE(outcomes.count(outcome) == 1, outcome);
  }
  CHECK(torn);
}

TEST_CASE("sim disk: after a failed sync reads show data that no later sync saves") {
  bool vanished = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk(seed);
    base::Prng prng(seed);
    disk.create("f");
    disk.write("f", 0, "old");
    REQUIRE(disk.sync("f") == DiskStatus::done);
    disk.write("f", 0, "new");
    DiskPlan plan;
    plan.fail_sync_at = disk.syncs() + 1;
    disk.set_plan(plan);
    CHECK(disk.sync("f") == DiskStatus::io_error);
    CHECK(*disk.view("f") == "new");
    CHECK(disk.sync("f") == DiskStatus::done);
    disk.crash(prng);
    vanished = vanished || *disk.view("f") == "old";
  }
  CHECK(vanished);
}

TEST_CASE("sim disk: a full disk takes no more, but rewrites in place") {
  SimDisk disk(1);
  DiskPlan plan;
  plan.capacity = 1'000;
  disk.set_plan(plan);
  disk.create("f");
  CHECK(disk.write("f", 0, std::string(900, 'x')) == DiskStatus::done);
  CHECK(disk.free_bytes() == 100);
  CHECK(disk.write("f", 900, std::string(101, 'x')) == DiskStatus::no_space);
  CHECK(disk.write("f", 0, std::string(900, 'y')) == DiskStatus::done);
}

TEST_CASE("sim disk: from the cut on nothing happens until the crash") {
  SimDisk disk(1);
  base::Prng prng(1);
  disk.create("f");
  DiskPlan plan;
  plan.cut_power_at = 2;
  disk.set_plan(plan);
  CHECK(disk.write("f", 0, "a") == DiskStatus::done);
  CHECK(disk.sync("f") == DiskStatus::io_error);
  CHECK(disk.write("f", 0, "b") == DiskStatus::io_error);
  CHECK(disk.remove("f", true) == DiskStatus::io_error);
  const std::uint64_t boot = disk.boot();
  disk.crash(prng);
  CHECK(disk.powered());
  CHECK(disk.boot() == boot + 1);
}

TEST_CASE("sim disk: a removed file may come back unless a directory was synced") {
  bool back = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const bool synced : {false, true}) {
      SimDisk disk(seed);
      base::Prng prng(seed);
      disk.create("f");
      disk.write("f", 0, "a");
      disk.sync("f");
      disk.remove("f", synced);
      disk.crash(prng);
      if (synced) CHECK(disk.view("f") == nullptr);
      if (!synced) back = back || disk.view("f") != nullptr;
    }
  }
  CHECK(back);
}

}  // namespace
}  // namespace belay::simkit
