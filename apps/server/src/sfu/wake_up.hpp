// Gets a thread out of its epoll loop, from any other.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace server::sfu {

class WakeUp {
 public:
  WakeUp() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::system_category(), "eventfd");
  }
  ~WakeUp() { close(descriptor_); }
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  int descriptor() const { return descriptor_; }  // readable from call() until take()
  // A counter that is full already wakes as well.
  void call() { (void)eventfd_write(descriptor_, 1); }
  // Whether it was called since the last time.
  bool take() {
    eventfd_t ignored = 0;
    return eventfd_read(descriptor_, &ignored) == 0;
  }

 private:
  int descriptor_;
};

}  // namespace server::sfu
