// How many people are in the rooms that live at other servers.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "cluster/nodes.hpp"

namespace server::cluster {

// Control thread only. `nodes` outlives this.
class HeadCounts {
 public:
  using Counts = std::map<std::string, std::size_t, std::less<>>;  // by room id; no zeros

  explicit HeadCounts(Nodes& nodes);

  // People in the rooms here; the others are told what is new of it.
  void set(Counts here);
  // People of the room at other servers.
  std::size_t elsewhere(std::string_view room_id) const;

 private:
  void tell(const NodeId* node, const Counts& counts);

  Nodes& nodes_;
  Counts here_;
  std::map<NodeId, Counts> elsewhere_;
};

}  // namespace server::cluster
