// The rules of rooms: who may create, see, change and end one.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "base/random.hpp"
#include "cluster/bus.hpp"
#include "db/ids.hpp"
#include "http/api_error.hpp"
#include "room/room.hpp"

namespace server::room {

class RoomStore;
namespace net = boost::asio;

// Control thread only. Errors common to all: 503 UNAVAILABLE when the database is away.
class RoomService {
 public:
  // All references outlive the service.
  RoomService(RoomStore& store, cluster::Bus& bus, db::Clock clock, Random& random);

  // `handler` is called with every room that is changed here, before the change is answered. Set it
  // once, before the first change.
  void on_change(std::function<void(const Room&)> handler) { change_ = std::move(handler); }

  // `slug` is generated when absent. Errors: VALIDATION_ERROR, SLUG_TAKEN.
  net::awaitable<http::Result<Room>> create(std::string host_id, std::string name,
                                            std::optional<std::string> slug);

  // Errors: ROOM_NOT_FOUND.
  net::awaitable<http::Result<Room>> find_by_slug(std::string slug);
  net::awaitable<http::Result<Room>> find_by_id(std::string id);

  // Rooms that the user hosts or has been in, the latest entered first.
  // `cursor` is the next_cursor of the page before. Errors: VALIDATION_ERROR (cursor).
  net::awaitable<http::Result<RoomPage>> list(std::string user_id,
                                              std::optional<std::string> cursor, int limit);

  // Publishes RoomChanged. Errors: VALIDATION_ERROR, ROOM_NOT_FOUND, FORBIDDEN (not the host).
  net::awaitable<http::Result<Room>> update(std::string user_id, std::string slug,
                                            RoomChange change);
  // Ends the room with its messages; publishes RoomDeleted. Errors as update().
  net::awaitable<http::Result<void>> remove(std::string user_id, std::string slug);

  // Publishes RoomDeleted for those of these rooms that another process has deleted.
  net::awaitable<void> notice_deleted(std::vector<std::string> room_ids);

  // The user comes into the room: it is on their list from now on, and they may read its history.
  net::awaitable<http::Result<Visit>> record_visit(std::string room_id, std::string user_id);
  // They did not get in after all. Nothing of the room may have been recorded meanwhile.
  net::awaitable<http::Result<void>> undo_visit(Visit visit);
  // They were removed: as if they had never been there, until they are recorded again.
  net::awaitable<http::Result<void>> withdraw_visit(std::string room_id, std::string user_id);

  // Hands the room over and publishes RoomChanged. Who may ask for it is the caller's rule.
  // Errors: ROOM_NOT_FOUND.
  net::awaitable<http::Result<Room>> set_host(std::string room_id, std::string user_id);

  // The host, or who has been in the room and was not removed since.
  net::awaitable<http::Result<bool>> may_read_history(Room room, std::string user_id);

 private:
  net::awaitable<http::Result<Room>> find_as_host(std::string user_id, std::string slug);
  void tell_changed(const Room& room);

  RoomStore& store_;
  cluster::Bus& bus_;
  db::Clock clock_;
  Random& random_;
  db::IdSource ids_;
  std::function<void(const Room&)> change_;
};

}  // namespace server::room
