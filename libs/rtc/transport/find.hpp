// A map's value by its key, or nullptr.
#pragma once

namespace rtc {

template <class Map, class Key>
auto* find(Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace rtc
