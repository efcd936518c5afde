#include "call/identity_json.hpp"

#include <boost/json.hpp>

namespace server::call {

namespace json = boost::json;

json::value to_json(const Identity& who) {
  json::object made{
      {"guestId", who.guest_id}, {"name", who.name}, {"sid", who.sid}, {"address", who.address}};
  if (who.user_id) made["userId"] = *who.user_id;
  return made;
}

Identity to_identity(const json::value& value) {
  const json::object& from = value.as_object();
  const auto text = [&](std::string_view name) { return std::string(from.at(name).as_string()); };
  Identity who{std::nullopt, text("guestId"), text("name"), text("sid"), text("address")};
  if (from.contains("userId")) who.user_id = text("userId");
  return who;
}

}  // namespace server::call
