// Ids of rows: the shape of cuid, which the design document's schema uses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "db/timestamp.hpp"

namespace server::db {

// Whether a text from outside can be an id at all: 1 to 64 of A-Z a-z 0-9 _ -.
bool is_id(std::string_view text);

// Makes ids of 25 characters of a-z 0-9: "c", 8 of time, 4 of a counter, 12 random (62 bits).
// Ids of one source sort in the order of their making, even if the clock steps back. Not
// thread-safe.
class IdSource {
 public:
  // `random` outlives the source.
  IdSource(Clock clock, Random& random) : clock_(std::move(clock)), random_(random) {}

  struct Made {
    std::string id;
    Timestamp at;  // never earlier than that of an id made before
  };
  Made next();

 private:
  Clock clock_;
  Random& random_;
  Timestamp last_{};
  std::uint32_t counter_ = 0;
};

}  // namespace server::db
