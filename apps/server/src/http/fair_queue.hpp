// A queue in which everybody has a place of their own: who comes often waits behind themselves
// alone.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace server::http {

template <class T>
class FairQueue {
 public:
  // Bounds of what waits: of one key, and of all together.
  FairQueue(std::size_t each_max, std::size_t all_max) : each_max_(each_max), all_max_(all_max) {}

  // False when there is no room, and nothing was taken.
  bool push(const std::string& key, T value) {
    if (size_ >= all_max_) return false;
    auto [place, is_new] = lines_.try_emplace(key);
    if (place->second.size() >= each_max_) return false;
    if (is_new) turns_.push_back(key);
    place->second.push_back(std::move(value));
    ++size_;
    return true;
  }

  // The oldest of the key whose turn it is; each key has one turn after the other.
  std::optional<T> pop() {
    if (turns_.empty()) return std::nullopt;
    const auto place = lines_.find(turns_.front());
    T value = std::move(place->second.front());
    place->second.pop_front();
    --size_;
    if (place->second.empty()) {
      lines_.erase(place);
      turns_.pop_front();
    } else {
      turns_.splice(turns_.end(), turns_, turns_.begin());
    }
    return value;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

 private:
  std::size_t each_max_;
  std::size_t all_max_;
  std::size_t size_ = 0;
  std::list<std::string> turns_;                          // keys with something in their line
  std::unordered_map<std::string, std::deque<T>> lines_;  // none of them empty
};

}  // namespace server::http
