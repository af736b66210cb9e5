// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/tws_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "apps/belay/cli_client.hpp"
#include "belay/tws/wire/decode_log.hpp"

namespace belay::app {
namespace {

bool read_all(const std::string& path, std::string& out) {
  std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  char buffer[65536];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;) {
    out.append(buffer, got);
  }
  const bool good = std::ferror(file) == 0;
  if (file != stdin) std::fclose(file);
  return good;
}

}  // namespace

int run_tws_command(int argc, char** argv) {
  CLI::App app{"Reads recorded bytes of the TWS socket protocol", "belay tws"};
  app.require_subcommand(1);
  auto* decode = app.add_subcommand("decode", "prints one JSON object a message");
  tws::wire::DecodeLogOptions options;
  std::string from = "server";
  std::string path;
  decode
      ->add_option("--server-version", options.server_version,
                   "the version agreed in the handshake (a greeting in the bytes wins)")
      ->check(CLI::Range(tws::wire::min_server_version, tws::wire::max_server_version));
  decode->add_option("--from", from, "who sent the bytes")
      ->check(CLI::IsMember({"server", "client"}));
  decode
      ->add_option("file", path,
                   "raw frames, or one text message a line with NUL written as \\0; - is stdin")
      ->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return parse_error(app, error);
  }
  options.from = from == "client" ? tws::wire::Side::client : tws::wire::Side::server;
  std::string input;
  if (!read_all(path, input)) {
    std::fprintf(stderr, "belay tws decode: cannot read %s\n", path.c_str());
    return 1;
  }
  std::string out;
  const auto result = tws::wire::decode_log(input, options, out);
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fprintf(stderr, "%d decoded, %d could not be\n", result.decoded, result.failed);
  return result.failed == 0 ? 0 : 1;
}

}  // namespace belay::app
