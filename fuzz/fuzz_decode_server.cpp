// SPDX-License-Identifier: Apache-2.0
// decode_server on any bytes: it never does more than refuse, and what it understands survives
// being written again.
#include <variant>

#include "decode_fuzzer.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  belay::fuzz::counts();  // made before the exit handler, so that it outlives it
  belay::fuzz::kinds_expected() = belay::tws::wire::ServerMessage::size;
  std::atexit(belay::fuzz::print_counts);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  belay::fuzz::check_decode(input, belay::tws::wire::decode_server);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  return belay::fuzz::mutate(data, size, max_size, seed, belay::tws::wire::ServerMessage::size,
                             belay::tws::wire::random_server_message, LLVMFuzzerMutate);
}
