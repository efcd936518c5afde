#include "rtc/dtls/datagram_bio.hpp"

#include <openssl/bio.h>
#include <sys/time.h>

#include <algorithm>
#include <cstdlib>

namespace rtc {

namespace {

constexpr long kMtu = 1200;        // octets of UDP payload, as browsers take it
constexpr long kMtuOverhead = 48;  // of IPv6 and UDP
constexpr time_t kOutOfReach = 10L * 365 * 24 * 60 * 60;  // seconds

DatagramBio* self(BIO* bio) { return static_cast<DatagramBio*>(BIO_get_data(bio)); }

}  // namespace

bio_st* DatagramBio::make() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
    const bool done = fresh != nullptr && BIO_meth_set_read(fresh, &DatagramBio::read) == 1 &&
                      BIO_meth_set_write(fresh, &DatagramBio::write) == 1 &&
                      BIO_meth_set_ctrl(fresh, &DatagramBio::control) == 1 &&
                      BIO_meth_set_create(fresh, &DatagramBio::create) == 1 &&
                      BIO_meth_set_destroy(fresh, &DatagramBio::destroy) == 1;
    if (!done) std::abort();  // out of memory
    return fresh;
  }();
  BIO* const bio = BIO_new(method);
  if (bio == nullptr) std::abort();
  BIO_set_data(bio, this);
  return bio;
}

std::optional<std::vector<std::uint8_t>> DatagramBio::poll() {
  if (outgoing_.empty()) return std::nullopt;
  auto datagram = std::move(outgoing_.front());
  outgoing_.pop_front();
  return datagram;
}

void DatagramBio::expire() {
  if (!is_armed_) return;
  deadline_->tv_sec = 1;  // zero would mean that it is stopped
  deadline_->tv_usec = 0;
}

int DatagramBio::create(bio_st* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

int DatagramBio::read(bio_st* bio, char* buffer, int size) {
  DatagramBio& state = *self(bio);
  BIO_clear_retry_flags(bio);
  if (state.incoming_.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = std::min(state.incoming_.size(), static_cast<std::size_t>(size));
  std::copy_n(state.incoming_.begin(), count, buffer);
  state.incoming_ = {};  // what did not fit is lost, as with a socket
  return static_cast<int>(count);
}

int DatagramBio::write(bio_st* bio, const char* data, int size) {
  DatagramBio& state = *self(bio);
  BIO_clear_retry_flags(bio);
  if (state.outgoing_.size() < kQueueMax) state.outgoing_.emplace_back(data, data + size);
  return size;
}

long DatagramBio::control(bio_st* bio, int command, long, void* pointer) {
  DatagramBio& state = *self(bio);
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return kMtu;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
      return kMtuOverhead;
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
      state.deadline_ = static_cast<timeval*>(pointer);
      state.is_armed_ = state.deadline_->tv_sec != 0 || state.deadline_->tv_usec != 0;
      if (state.is_armed_) {
        ++state.armings_;
        state.deadline_->tv_sec += kOutOfReach;
      }
      return 1;
    default:
      return 0;  // the rest does not concern datagrams in memory
  }
}

}  // namespace rtc
