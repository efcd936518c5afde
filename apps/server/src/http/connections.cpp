#include "http/connections.hpp"

namespace server::http {

void Connections::sweep(Instant now) {
  for (Connection& row : rows_) {
    if (row.deadline > now || row.socket == nullptr) continue;
    row.deadline = Instant::never();
    row.timed_out = true;
    if (row.state != Connection::State::Idle) ++timed_out_;
    boost::system::error_code ignored;
    row.socket->cancel(ignored);
  }
}

void Connections::drain(Instant arrive_by) {
  draining_ = true;
  arrive_by_ = arrive_by;
  for (Connection& row : rows_) {
    if (row.socket == nullptr) continue;
    boost::system::error_code ignored;
    if (row.state == Connection::State::Idle) row.socket->cancel(ignored);
    if (row.state == Connection::State::Receiving) row.deadline = arrival_deadline(row.deadline);
  }
}

void Connections::cut() {
  for (Connection& row : rows_) {
    if (row.socket == nullptr) continue;
    boost::system::error_code ignored;
    row.socket->close(ignored);
  }
}

Connections::Guard::Guard(Connections& connections, tcp::socket& socket)
    : connections_(connections) {
  connections_.rows_.emplace_front();
  row_ = connections_.rows_.begin();
  row_->socket = &socket;
}

Connections::Guard::~Guard() { connections_.rows_.erase(row_); }

}  // namespace server::http
