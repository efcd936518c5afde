#include "cluster/head_counts.hpp"

#include <boost/json.hpp>
#include <utility>

namespace server::cluster {

namespace {

constexpr std::string_view kName = "people";

}  // namespace

HeadCounts::HeadCounts(Nodes& nodes) : nodes_(nodes) {
  nodes_.watch({.on_connected = [this] { tell(nullptr, here_); },
                .on_come = [this](const NodeId& node) { tell(&node, here_); },
                .on_gone = [this](const NodeId& node) { elsewhere_.erase(node); },
                .on_cut = [this] { elsewhere_.clear(); }});
  nodes_.on(std::string(kName), [this](const NodeId& from, json::object& body) {
    Counts& counts = elsewhere_[from];
    for (const auto& [room, count] : body) {
      const auto people = count.to_number<std::size_t>();
      if (people == 0) {
        counts.erase(std::string(room));
      } else {
        counts[std::string(room)] = people;
      }
    }
  });
}

void HeadCounts::set(Counts here) {
  Counts news;
  for (const auto& [room, count] : here) {
    const auto known = here_.find(room);
    if (known == here_.end() || known->second != count) news.emplace(room, count);
  }
  for (const auto& [room, count] : here_) {
    if (!here.contains(room)) news.emplace(room, 0);
  }
  here_ = std::move(here);
  if (!news.empty()) tell(nullptr, news);
}

void HeadCounts::tell(const NodeId* node, const Counts& counts) {
  json::object body;
  for (const auto& [room, count] : counts) body[room] = count;
  if (node == nullptr) return nodes_.send_all(kName, std::move(body));
  nodes_.send(*node, kName, std::move(body));
}

std::size_t HeadCounts::elsewhere(std::string_view room_id) const {
  std::size_t people = 0;
  for (const auto& [node, counts] : elsewhere_) {
    const auto found = counts.find(room_id);
    if (found != counts.end()) people += found->second;
  }
  return people;
}

}  // namespace server::cluster
