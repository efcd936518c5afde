// Which transport is reached over which path.
#pragma once

#include <unordered_map>

#include "rtc/ice/path.hpp"

namespace rtc {

// Datagrams come in runs from one sender: the answer that was given last is kept.
template <class Transport>
class PathTable {
 public:
  // Null where the path is nobody's.
  Transport* find(const Path& path) {
    if (newest_ != nullptr && newest_path_ == path) return newest_;
    const auto found = transports_.find(path);
    if (found == transports_.end()) return nullptr;
    newest_path_ = path;
    newest_ = found->second;
    return newest_;
  }
  // From whoever had it.
  void set(const Path& path, Transport& transport) {
    newest_ = nullptr;
    transports_[path] = &transport;
  }
  void erase(const Path& path) {
    newest_ = nullptr;
    transports_.erase(path);
  }

 private:
  std::unordered_map<Path, Transport*> transports_;
  Path newest_path_;
  Transport* newest_ = nullptr;
};

}  // namespace rtc
