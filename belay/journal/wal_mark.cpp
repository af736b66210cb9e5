// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/wal_mark.hpp"

#include <fmt/format.h>

namespace belay::journal {
namespace {

constexpr const char* what_to_do =
    "Going on would forget orders and their keys, and a repeated request would be sent again. "
    "Restore journal.db and journal.db-wal from the same copy, or the directory as a whole "
    "(docs/RUNBOOK.md)";

struct Bytes {
  std::string_view bytes;
  std::uint64_t big(std::uint64_t at, std::size_t count) const {
    std::uint64_t value = 0;
    for (const char c : bytes.substr(at, count)) {
      value = (value << 8U) | static_cast<unsigned char>(c);
    }
    return value;
  }
};

}  // namespace

base::Result<std::optional<std::int64_t>> shown_mark(Database& database) {
  const auto there = database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'wal_mark'");
  if (!there) return base::Failure<base::Error>{there.error()};
  if (*there == 0) return std::optional<std::int64_t>();
  const auto mark = database.integer("SELECT coalesce(max(mark), 0) FROM wal_mark");
  if (!mark) return base::Failure<base::Error>{mark.error()};
  return std::optional(*mark);
}

std::optional<std::int64_t> mark_of_file(const std::string& path, const std::string& vfs) {
  auto database = Database::open_alone(path, vfs);
  if (!database) return std::nullopt;
  const auto mark = shown_mark(*database);
  if (!mark) return std::nullopt;
  if (!*mark) return 0;
  // A power loss in a checkpoint tears the page in sectors: where the row got longer its place is
  // that of one life and its bytes are those of another. Such a row has another number than 1.
  const auto whole = database->integer(
      "SELECT count(*) = 1 AND min(id) = 1 AND typeof(max(mark)) = 'integer' FROM wal_mark");
  if (!whole || *whole == 0) return std::nullopt;
  return **mark;
}

std::optional<std::int64_t> first_mark(std::string_view wal, const WalReport& report) {
  const std::size_t frame_at = 32;
  const std::size_t page_at = frame_at + 24;
  if (report.frames_sound == 0 || wal.size() < page_at + report.page_size) return std::nullopt;
  const Bytes frame{wal.substr(frame_at)};
  const bool alone = frame.big(4, 4) != 0;  // with the commit mark: it is the whole transaction
  const Bytes page{wal.substr(page_at, report.page_size)};
  constexpr std::uint64_t leaf_of_table = 0x0d;
  if (!alone || page.big(0, 1) != leaf_of_table || page.big(3, 2) != 1) return std::nullopt;
  const std::uint64_t cell = page.big(8, 2);
  // Size of the record, row 1, size of its head, NULL for the row's number, the kind of the mark.
  if (cell + 5 > report.page_size || page.big(cell + 1, 1) != 1 || page.big(cell + 2, 1) != 3 ||
      page.big(cell + 3, 1) != 0) {
    return std::nullopt;
  }
  constexpr std::size_t sizes[] = {0, 1, 2, 3, 4, 6, 8};
  const std::uint64_t kind = page.big(cell + 4, 1);
  if (kind == 8 || kind == 9) return static_cast<std::int64_t>(kind - 8);
  if (kind == 0 || kind > 6 || cell + 5 + sizes[kind] > report.page_size) return std::nullopt;
  return static_cast<std::int64_t>(page.big(cell + 5, sizes[kind]));  // never negative
}

base::Status<> refuse_lost_wal(const std::string& path, std::optional<std::int64_t> of_file,
                               const WalReport& wal) {
  // The WAL has been written to before an odd mark can reach the database file, and it keeps its
  // size. Its header alone may be newer than its frames: the write after a checkpoint was cut
  // short, and all rows are in the database file.
  const bool lost = !wal.header_sound || wal.frames_in_file == 0;
  if (!lost || !of_file || *of_file % 2 == 0) return base::ok();
  return base::fail(path + "-wal",
                    fmt::format("it is missing, empty or cut, and the database file alone does not "
                                "show that it has the rows that were in it. {}",
                                what_to_do));
}

base::Status<> refuse_older_file(const std::string& path, std::optional<std::int64_t> of_file,
                                 std::optional<std::int64_t> first) {
  if (!of_file || !first) return base::ok();
  // An even one follows the odd one that its checkpoint left in the file. An odd one is what a
  // start begins with: it follows the even one before it, or the odd one of a crash.
  const std::int64_t least = *first % 2 == 0 ? *first - 1 : *first - 2;
  if (*of_file >= least) return base::ok();
  return base::fail(path, fmt::format("it is of an earlier time than its WAL, which was begun when "
                                      "the database file had rows that this one lacks. {}",
                                      what_to_do));
}

base::Status<> refuse_older_wal(const std::string& path, std::optional<std::int64_t> of_file,
                                std::optional<std::int64_t> shown) {
  if (!of_file || *of_file == 0 || (shown && *shown >= *of_file)) return base::ok();
  return base::fail(path + "-wal", fmt::format("it is of an earlier time than the database file, "
                                               "whose newer rows it would hide. {}",
                                               what_to_do));
}

}  // namespace belay::journal
