// SPDX-License-Identifier: Apache-2.0
// Reads and rewrites a whole file through an SQLite VFS, so that a check before opening sees the
// same bytes as SQLite will: on the real disk and on the simulated one.
#pragma once

#include <string>
#include <string_view>

#include "belay/base/result.hpp"

namespace belay::journal {

/// The bytes of `path`; empty when there is no such file. `vfs` empty: the default.
base::Result<std::string> read_through_vfs(const std::string& path, const std::string& vfs);
/// Writes `bytes` over the beginning of an existing file and syncs it.
base::Status<> rewrite_through_vfs(const std::string& path, const std::string& vfs,
                                   std::string_view bytes);

}  // namespace belay::journal
