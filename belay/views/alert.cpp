// SPDX-License-Identifier: Apache-2.0
#include "belay/views/alert.hpp"

#include <algorithm>
#include <array>

#include "belay/base/json_writer.hpp"

namespace belay::views {
namespace {

struct Row {
  std::string_view kind;
  AlertLevel level;
};
using enum AlertLevel;
// All kinds that the code can open. Critical: money may be at risk, or nothing can be sent, until a
// person acts.
constexpr std::array kinds{
    Row{"accounts_differ", warning},      Row{"broker_silent", critical},
    Row{"broker_unreachable", critical},  Row{"cancel_refused", warning},
    Row{"cancel_unanswered", warning},    Row{"client_id_in_use", warning},
    Row{"clock_differs", warning},        Row{"clock_unanswered", critical},
    Row{"contract_differs", warning},     Row{"contradiction", critical},
    Row{"copy_survives", warning},        Row{"disk_nearly_full", critical},
    Row{"duplicate_broker_id", critical}, Row{"execution_differs", warning},
    Row{"execution_id_reused", critical}, Row{"execution_repeated", warning},
    Row{"fills_disputed", warning},       Row{"history_unreadable", warning},
    Row{"id_collision", warning},         Row{"id_mark_healed", warning},
    Row{"id_range_refused", warning},     Row{"ids_nearly_exhausted", warning},
    Row{"incidents_dropped", warning},    Row{"list_unanswered", warning},
    Row{"live_accounts", warning},        Row{"next_id_higher", critical},
    Row{"next_id_lower", warning},        Row{"order_unanswered", warning},
    Row{"order_unresolved", warning},     Row{"order_vanished", warning},
    Row{"other_instance", critical},      Row{"overfill", critical},
    Row{"permanent_id_reused", critical}, Row{"port_changed", warning},
    Row{"position_break", critical},      Row{"read_only_api", warning},
    Row{"recalls_full", warning},         Row{"second_copy", critical},
    Row{"stale_order", warning},          Row{"unknown_tag", critical},
    Row{"unreadable_report", critical},   Row{"version_refused", warning},
    Row{"writer_check", warning},
};

constexpr std::array levels{info, warning, critical};
constexpr std::size_t text_max = 4000;
constexpr std::size_t candidates_max = 10;

std::string_view cut(std::string_view text, std::size_t most) {
  return text.substr(0, std::min(text.size(), most));
}

}  // namespace

std::string_view name(AlertLevel level) {
  switch (level) {
    case info:
      return "info";
    case warning:
      return "warning";
    case critical:
      return "critical";
  }
  return "";
}

std::optional<AlertLevel> parse_alert_level(std::string_view text) {
  for (const AlertLevel level : levels) {
    if (name(level) == text) return level;
  }
  return std::nullopt;
}

AlertLevel level_of(std::string_view incident_kind) {
  const auto row = std::find_if(kinds.begin(), kinds.end(),
                                [&](const Row& each) { return each.kind == incident_kind; });
  return row == kinds.end() ? warning : row->level;
}

std::vector<std::string_view> incident_kinds() {
  std::vector<std::string_view> out;
  for (const Row& each : kinds) out.push_back(each.kind);
  return out;
}

std::optional<Alert> alert_of(std::uint64_t seq, base::Time time, const core::Event& event) {
  const auto* opened = std::get_if<core::IncidentOpened>(&event);
  if (opened == nullptr) return std::nullopt;
  Alert alert{seq, level_of(opened->kind), opened->kind, ""};
  // Texts come from the broker too: what is cut here is whole in the journal.
  std::size_t text = text_max;
  do {
    base::JsonWriter json;
    json.begin_object();
    json.field("program", "belay");
    json.field("level", name(alert.level));
    json.field("kind", cut(opened->kind, 200));
    json.field("incident_id", std::to_string(seq));
    json.field("time", base::to_rfc3339(time));
    json.key("order_id");
    if (opened->order.value() == 0) {
      json.null();
    } else {
      json.string(std::to_string(opened->order.value()));
    }
    json.field("text", cut(opened->text, text));
    json.key("candidates").begin_array();
    for (std::size_t i = 0; i < std::min(opened->candidates.size(), candidates_max); ++i) {
      json.string(cut(opened->candidates[i], text / candidates_max));
    }
    json.end_array().end_object();
    alert.json = json.take();
    text /= 2;
  } while (alert.json.size() > alert_json_max);
  return alert;
}

}  // namespace belay::views
