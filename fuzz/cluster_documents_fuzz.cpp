// What servers read of each other. The first octet is the document: `r` a room on its way, `m` a
// session that goes on at another server, `p` the place of a socket, the rest is its text.
#include <boost/json.hpp>
#include <string>

#include "call/calls.hpp"
#include "call/room_state.hpp"
#include "gateway/moved_session.hpp"
#include "gateway/remote_place.hpp"
#include "heap_budget.hpp"

namespace {

using fuzz::require;
namespace json = boost::json;
namespace call = server::call;
namespace gateway = server::gateway;

const Instant kNow = Instant::at(std::chrono::hours{10});

// JSON of few octets may be many values.
std::size_t budget_of(std::string_view text) { return 256 * 1024 + 128 * text.size(); }

class Nobody final : public call::Audience {
 public:
  void tell(const call::PeerId&, const call::Notice&) override {}
  void tell_room(const std::string&, const call::Notice&, const call::PeerId&) override {}
  void enter(const call::PeerId&, const std::string&) override {}
  void leave(const call::PeerId&, const std::string&) override {}
  void disconnect(const call::PeerId&) override {}
  void drop(const call::PeerId&) override {}
};

// What one server reads, it writes so that the next reads the same; and a room lives on by it.
void check_room(std::string_view text) {
  const fuzz::HeapBudget heap;
  auto state = call::room_state_from_text(text);
  heap.require_at_most(budget_of(text));
  if (!state) return;
  const std::string written = call::to_text(*state);
  const auto again = call::room_state_from_text(written);
  require(again.has_value());
  require(call::to_text(*again) == written);

  Nobody nobody;
  call::Calls calls(nobody, {});
  server::room::Room info;
  info.id = "room";
  const std::size_t people = state->people.size();
  calls.restore(info, std::move(*state), {}, kNow);
  require(calls.connection_count() <= people);
  calls.settle_modes(kNow);
  calls.forget_denials(kNow);
  require(call::room_state_from_text(call::to_text(calls.save("room", kNow))).has_value());
  for (const call::PeerId& peer : calls.select([](const call::Connection&) { return true; })) {
    calls.disconnect(peer, "left");
  }
  require(calls.connection_count() == 0 && calls.member_count() == 0);
  heap.require_at_most(2 * budget_of(text));
}

void check_session(std::string_view text) {
  const fuzz::HeapBudget heap;
  const auto moved = gateway::moved_from_text(text, kNow);
  heap.require_at_most(budget_of(text));
  if (!moved) return;
  const std::string written = gateway::moved_to_text(*moved);
  const auto again = gateway::moved_from_text(written, kNow);
  require(again.has_value());
  require(gateway::moved_to_text(*again) == written);
}

void check_place(std::string_view text) {
  const fuzz::HeapBudget heap;
  try {
    const auto place = gateway::to_remote_place(json::parse(text), kNow);
    heap.require_at_most(budget_of(text));
    const json::value written = gateway::to_json(place, kNow);
    require(gateway::to_json(gateway::to_remote_place(written, kNow), kNow) == written);
  } catch (const std::exception&) {
    return;  // it is none
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = text_of(Bytes(data, size));
  if (input.empty()) return 0;
  const std::string_view text = input.substr(1);
  switch (input.front()) {
    case 'r':
      check_room(text);
      break;
    case 'm':
      check_session(text);
      break;
    case 'p':
      check_place(text);
      break;
    default:
      break;
  }
  return 0;
}
