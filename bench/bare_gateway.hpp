// SPDX-License-Identifier: Apache-2.0
// What every floor has: a connection to the gateway that places orders by copying a prepared frame,
// and a file that is as durable as a journal. It keeps no state of any order, and it judges no
// answer but a refusal.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "belay/base/result.hpp"
#include "belay/journal/unique_fd.hpp"
#include "belay/tws/wire/frame.hpp"
#include "bench/client_options.hpp"
#include "bench/frame_template.hpp"

namespace belay::bench {

/// A file whose blocks exist and were written, so that a sync changes no metadata; overwritten in
/// turn, 512 bytes a record.
class RawJournal {
 public:
  base::Status<> open(const std::string& dir);
  void add();
  /// Writes and syncs what was added since; false: the disk failed, errno says why.
  bool sync();

 private:
  journal::UniqueFd file_;
  std::string pending_;
  ::off_t at_ = 0;
};

class BareGateway {
 public:
  /// Connects and waits until orders may be placed. Error: not a paper account, or no gateway.
  base::Status<> open(const ClientOptions& options);
  int fd() const { return socket_.get(); }
  /// Appends the frame of one more order; its id. They count up from first_id().
  std::int32_t place();
  void cancel(std::int32_t order_id);
  std::int32_t first_id() const { return first_id_; }
  std::int32_t next_id() const { return next_id_; }
  /// Gives the kernel what it takes; the rest goes with the next call.
  base::Status<> flush();
  bool flushed() const { return out_.empty(); }
  /// Takes what is there and calls `working` with the id of each order that the gateway says works,
  /// as often as it says so.
  base::Status<> read(const std::function<void(std::int32_t order_id)>& working);
  void forgive() { refusal_.clear(); }

 private:
  void message(std::string_view payload, const std::function<void(std::int32_t)>& working);
  void note(std::string_view payload);
  void make_template();

  std::int32_t client_id_ = 0;
  journal::UniqueFd socket_;
  tws::wire::FrameReader reader_;
  FrameTemplate place_;
  int version_ = 0;
  std::string account_;
  std::string refusal_;
  std::int32_t first_id_ = 0;
  std::int32_t next_id_ = 0;
  std::string out_;
  std::size_t sent_ = 0;
  char in_[256 * 1024];
};

}  // namespace belay::bench
