// SPDX-License-Identifier: Apache-2.0
// The functions SQLite calls (sqlite.org/c3ref/vfs.html, io_methods.html). A handle remembers the
// boot of the disk it was opened in; after a crash it answers I/O errors, so an abandoned
// connection can be closed without touching the new world.
#include "belay/simkit/vfs.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <new>
#include <utility>

#include "belay/base/check.hpp"

namespace belay::simkit {

struct SimVfs::State {
  struct Locks {
    int shared = 0;
    const void* reserved = nullptr;   ///< the handle at RESERVED or above
    const void* exclusive = nullptr;  ///< the handle at PENDING or EXCLUSIVE
  };
  State(SimDisk& the_disk, std::uint64_t seed) : disk(the_disk), prng(seed) {}
  SimDisk& disk;
  base::Prng prng;
  std::string name;
  base::Time now;
  base::Duration slept{0};
  std::map<std::string, Locks> locks;
  std::uint64_t locks_of_boot = 0;
  int open_files = 0;
  sqlite3_vfs vfs{};
};

namespace {

using State = SimVfs::State;
using Locks = State::Locks;

struct Handle {
  State* state = nullptr;
  std::string name;
  std::uint64_t boot = 0;
  int level = SQLITE_LOCK_NONE;
  bool delete_on_close = false;
  int persist_wal = 0;
  bool alive() const { return state->disk.boot() == boot && state->disk.powered(); }
};

struct File {
  sqlite3_file base;  // SQLite sees only this
  Handle* handle;
};

Handle& handle_of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file)->handle;
}
State& state_of(sqlite3_vfs* vfs) {
  return *static_cast<State*>(vfs->pAppData);
}

int to_sqlite(DiskStatus status, int io_error) {
  switch (status) {
    case DiskStatus::done:
      return SQLITE_OK;
    case DiskStatus::no_space:
      return SQLITE_FULL;
    case DiskStatus::io_error:
    case DiskStatus::missing:
      return io_error;
  }
  return io_error;
}

Locks& locks_of(Handle& handle) {
  State& state = *handle.state;
  if (state.locks_of_boot != state.disk.boot()) {
    state.locks.clear();  // the kernel that held them is gone
    state.locks_of_boot = state.disk.boot();
  }
  return state.locks[handle.name];
}

int unlock(sqlite3_file* file, int level) {
  Handle& handle = handle_of(file);
  if (handle.state->disk.boot() != handle.boot || handle.level <= level) return SQLITE_OK;
  Locks& locks = locks_of(handle);
  if (locks.reserved == &handle) locks.reserved = nullptr;
  if (locks.exclusive == &handle) locks.exclusive = nullptr;
  if (level == SQLITE_LOCK_NONE && handle.level >= SQLITE_LOCK_SHARED) --locks.shared;
  handle.level = level;
  return SQLITE_OK;
}

int lock(sqlite3_file* file, int level) {
  Handle& handle = handle_of(file);
  if (!handle.alive()) return SQLITE_IOERR_LOCK;
  if (handle.level >= level) return SQLITE_OK;
  Locks& locks = locks_of(handle);
  if (locks.exclusive != nullptr && locks.exclusive != &handle) return SQLITE_BUSY;
  if (level >= SQLITE_LOCK_RESERVED) {
    if (locks.reserved != nullptr && locks.reserved != &handle) return SQLITE_BUSY;
    locks.reserved = &handle;
  }
  if (level == SQLITE_LOCK_EXCLUSIVE) {
    locks.exclusive = &handle;  // PENDING: no new readers while the old ones leave
    if (locks.shared > 1) {
      handle.level = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
  }
  if (handle.level == SQLITE_LOCK_NONE) ++locks.shared;
  handle.level = level;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* result) {
  *result = locks_of(handle_of(file)).reserved != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int close_file(sqlite3_file* file) {
  unlock(file, SQLITE_LOCK_NONE);
  Handle* handle = &handle_of(file);
  if (handle->delete_on_close && handle->alive()) {
    (void)handle->state->disk.remove(handle->name, false);
  }
  --handle->state->open_files;
  delete handle;
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
  Handle& handle = handle_of(file);
  if (!handle.alive()) return SQLITE_IOERR_READ;
  const std::string* bytes = handle.state->disk.view(handle.name);
  if (bytes == nullptr) return SQLITE_IOERR_READ;
  const auto begin = std::min(bytes->size(), static_cast<std::size_t>(offset));
  const auto want = static_cast<std::size_t>(count);
  const std::size_t got = std::min(want, bytes->size() - begin);
  std::memcpy(to, bytes->data() + begin, got);
  if (got == want) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + got, 0, want - got);  // the contract of a short read
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
  Handle& handle = handle_of(file);
  if (!handle.alive()) return SQLITE_IOERR_WRITE;
  const std::string_view bytes(static_cast<const char*>(from), static_cast<std::size_t>(count));
  return to_sqlite(handle.state->disk.write(handle.name, static_cast<std::uint64_t>(offset), bytes),
                   SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = handle_of(file);
  if (!handle.alive()) return SQLITE_IOERR_TRUNCATE;
  return to_sqlite(handle.state->disk.truncate(handle.name, static_cast<std::uint64_t>(size)),
                   SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* file, int) {
  Handle& handle = handle_of(file);
  if (!handle.alive()) return SQLITE_IOERR_FSYNC;
  return to_sqlite(handle.state->disk.sync(handle.name), SQLITE_IOERR_FSYNC);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  Handle& handle = handle_of(file);
  const std::string* bytes = handle.alive() ? handle.state->disk.view(handle.name) : nullptr;
  if (bytes == nullptr) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(bytes->size());
  return SQLITE_OK;
}

int file_control(sqlite3_file* file, int what, void* argument) {
  if (what != SQLITE_FCNTL_PERSIST_WAL) return SQLITE_NOTFOUND;
  Handle& handle = handle_of(file);
  int* value = static_cast<int*>(argument);
  if (*value < 0) {
    *value = handle.persist_wal;
  } else {
    handle.persist_wal = *value;
  }
  return SQLITE_OK;
}

int sector_size(sqlite3_file*) {
  return static_cast<int>(SimDisk::sector);
}
/// A write changes no byte outside its range, whatever a crash does to it: true of SimDisk.
int characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

constexpr sqlite3_io_methods make_methods() {
  sqlite3_io_methods methods{};
  methods.iVersion = 1;  // no shared memory, no memory mapping
  methods.xClose = close_file;
  methods.xRead = read_file;
  methods.xWrite = write_file;
  methods.xTruncate = truncate_file;
  methods.xSync = sync_file;
  methods.xFileSize = file_size;
  methods.xLock = lock;
  methods.xUnlock = unlock;
  methods.xCheckReservedLock = check_reserved;
  methods.xFileControl = file_control;
  methods.xSectorSize = sector_size;
  methods.xDeviceCharacteristics = characteristics;
  return methods;
}
constexpr sqlite3_io_methods methods = make_methods();

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  State& state = state_of(vfs);
  file->pMethods = nullptr;
  if (!state.disk.powered()) return SQLITE_CANTOPEN;
  std::string path = name != nullptr ? name : fmt::format("temp-{}", state.prng.next());
  if (state.disk.view(path) == nullptr) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    (void)state.disk.create(path);
  }
  auto* handle = new Handle;
  handle->state = &state;
  handle->name = std::move(path);
  handle->boot = state.disk.boot();
  handle->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  ++state.open_files;
  reinterpret_cast<File*>(file)->handle = handle;
  file->pMethods = &methods;
  if (out != nullptr) *out = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  const DiskStatus status = state_of(vfs).disk.remove(name, sync_directory != 0);
  if (status == DiskStatus::missing) return SQLITE_IOERR_DELETE_NOENT;
  return to_sqlite(status, SQLITE_IOERR_DELETE);
}

int access(sqlite3_vfs* vfs, const char* name, int, int* result) {
  *result = state_of(vfs).disk.view(name) != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int full_pathname(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int count, char* out) {
  for (int i = 0; i < count; ++i) {
    out[i] = static_cast<char>(static_cast<unsigned char>(state_of(vfs).prng.below(256)));
  }
  return count;
}

int sleep_virtually(sqlite3_vfs* vfs, int microseconds) {
  state_of(vfs).slept += std::chrono::microseconds(microseconds);
  return microseconds;
}

/// Milliseconds since noon in Greenwich on 24 November 4714 BC, as SQLite counts.
int current_time(sqlite3_vfs* vfs, sqlite3_int64* out) {
  constexpr sqlite3_int64 unix_epoch = 210866760000000;
  *out = unix_epoch + state_of(vfs).now.unix_ns() / 1'000'000;
  return SQLITE_OK;
}

int current_time_days(sqlite3_vfs* vfs, double* out) {
  sqlite3_int64 now = 0;
  (void)current_time(vfs, &now);
  *out = static_cast<double>(now) / 86'400'000.0;  // SQLite's older interface counts days
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

// Names are unique in the process because SQLite's list of VFSes is.
std::atomic<std::uint64_t> instances{0};

}  // namespace

SimVfs::SimVfs(SimDisk& disk, std::uint64_t seed) : state_(std::make_unique<State>(disk, seed)) {
  state_->name = fmt::format("belay-sim-{}", ++instances);
  sqlite3_vfs& vfs = state_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(File);
  vfs.mxPathname = 512;
  vfs.zName = state_->name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access;
  vfs.xFullPathname = full_pathname;
  vfs.xRandomness = randomness;
  vfs.xSleep = sleep_virtually;
  vfs.xCurrentTime = current_time_days;
  vfs.xGetLastError = last_error;
  vfs.xCurrentTimeInt64 = current_time;
  BELAY_CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
  reseed(seed);
}

SimVfs::~SimVfs() {
  BELAY_CHECK(state_->open_files == 0);
  sqlite3_vfs_unregister(&state_->vfs);
}

const std::string& SimVfs::name() const {
  return state_->name;
}

void SimVfs::reseed(std::uint64_t seed) {
  state_->prng = base::Prng(seed);
  // SQLite seeds its generator from the default VFS at the first draw after a reset: be the
  // default for that one draw.
  sqlite3_vfs* usual = sqlite3_vfs_find(nullptr);
  sqlite3_vfs_register(&state_->vfs, 1);
  unsigned char first = 0;
  sqlite3_randomness(0, nullptr);
  sqlite3_randomness(1, &first);
  sqlite3_vfs_register(usual, 1);
}

void SimVfs::set_now(base::Time now) {
  state_->now = now;
}

base::Duration SimVfs::take_slept() {
  return std::exchange(state_->slept, base::Duration{0});
}

}  // namespace belay::simkit
