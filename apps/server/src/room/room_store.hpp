// Rooms in the database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/database.hpp"
#include "room/room.hpp"

namespace server::room {

namespace net = boost::asio;

struct NewRoom {
  std::string id;
  std::string slug;
  std::string name;
  std::string host_id;
  db::Timestamp now;
};

// Where a page of a user's rooms ended.
struct ListPosition {
  db::Timestamp entered_at;
  std::string room_id;
};

class RoomStore {
 public:
  explicit RoomStore(db::Database& database) : database_(database) {}

  // Nullopt when the slug is taken. Error Missing when the host is gone.
  net::awaitable<db::Outcome<std::optional<Room>>> insert(NewRoom room);

  net::awaitable<db::Outcome<std::optional<Room>>> find_by_slug(std::string slug);
  net::awaitable<db::Outcome<std::optional<Room>>> find_by_id(std::string id);

  struct Listed {
    Room room;
    ListPosition position;
  };
  // Rooms of the user's list after `after`, the latest entered first.
  net::awaitable<db::Outcome<std::vector<Listed>>> list(std::string user_id,
                                                        std::optional<ListPosition> after,
                                                        int limit);

  // Those of these rooms that are gone.
  net::awaitable<db::Outcome<std::vector<std::string>>> find_gone(std::vector<std::string> ids);

  // The room as it is then; nullopt when it is gone.
  net::awaitable<db::Outcome<std::optional<Room>>> update(std::string id, RoomChange change,
                                                          db::Timestamp now);
  net::awaitable<db::Outcome<std::optional<Room>>> set_host(std::string id, std::string user_id,
                                                            db::Timestamp now);
  // With its messages. False when it was gone.
  net::awaitable<db::Outcome<bool>> remove(std::string id);

  // When the user came in before; nullopt when the room was not on their list. Error Missing when
  // room or user is gone.
  net::awaitable<db::Outcome<std::optional<db::Timestamp>>> record_visit(std::string room_id,
                                                                         std::string user_id,
                                                                         db::Timestamp now);
  net::awaitable<db::Outcome<void>> undo_visit(Visit visit);
  net::awaitable<db::Outcome<void>> withdraw_visit(std::string room_id, std::string user_id);
  net::awaitable<db::Outcome<bool>> has_visited(std::string room_id, std::string user_id);

 private:
  db::Database& database_;
};

}  // namespace server::room
