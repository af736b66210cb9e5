// SPDX-License-Identifier: Apache-2.0
#include "belay/base/proto.hpp"

namespace belay::base {

void ProtoWriter::raw(std::uint64_t value) {
  while (value >= 0x80) {
    out_.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
    value >>= 7U;
  }
  out_.push_back(static_cast<char>(value));
}

void ProtoWriter::tag(int field, unsigned wire_type) {
  raw((static_cast<std::uint64_t>(field) << 3U) | wire_type);
}

void ProtoWriter::varint(int field, std::uint64_t value) {
  tag(field, 0);
  raw(value);
}

void ProtoWriter::sint(int field, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  varint(field, (bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void ProtoWriter::bytes(int field, std::string_view value) {
  tag(field, 2);
  raw(value.size());
  out_.append(value);
}

std::optional<std::uint64_t> ProtoReader::raw() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) break;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  broken_ = true;
  return std::nullopt;
}

std::optional<ProtoReader::Field> ProtoReader::next() {
  if (rest_.empty() || broken_) return std::nullopt;
  const auto key = raw();
  if (!key) return std::nullopt;
  constexpr std::uint64_t number_max = (1U << 29U) - 1;  // the format's limit
  Field field{static_cast<int>(*key >> 3U), static_cast<unsigned>(*key & 7U), 0, {}};
  const auto fixed = [&](std::size_t width) {
    if (rest_.size() < width) return false;
    for (std::size_t i = 0; i < width; ++i) {
      field.value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(width);
    return true;
  };
  bool good = field.number > 0 && (*key >> 3U) <= number_max;
  if (field.wire_type == 0) {
    const auto value = raw();
    good = good && value.has_value();
    field.value = value.value_or(0);
  } else if (field.wire_type == 1) {
    good = good && fixed(8);
  } else if (field.wire_type == 5) {
    good = good && fixed(4);
  } else if (field.wire_type == 2) {
    const auto length = raw();
    good = good && length && *length <= rest_.size();
    if (good) {
      field.bytes = rest_.substr(0, static_cast<std::size_t>(*length));
      rest_.remove_prefix(static_cast<std::size_t>(*length));
    }
  } else {
    good = false;
  }
  if (!good) {
    broken_ = true;
    return std::nullopt;
  }
  return field;
}

}  // namespace belay::base
