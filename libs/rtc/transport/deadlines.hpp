// Which of many is to be called next: an idle one costs nothing meanwhile.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace rtc {

template <class T>
class Timed;

// A heap of all Timed<T> that were made with it, by their deadlines. Outlives them. Allocates when
// one is made, never later.
template <class T>
class Deadlines {
 public:
  Deadlines() = default;
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  // The earliest deadline; never() when nobody has one.
  Instant next() const { return heap_.empty() ? Instant::never() : heap_.front().when; }
  // Whose deadline has come, in the order in which they were made; good until the next call.
  // Touches no other, and takes nobody out: a change() moves the deadline.
  std::span<Timed<T>* const> due(Instant now) {
    due_.clear();
    collect(now, 0);
    for (std::size_t i = 0; i < due_.size(); ++i) {
      const std::size_t child = 2 * due_[i]->place_ + 1;
      collect(now, child);
      collect(now, child + 1);
    }
    std::ranges::sort(due_, {}, [](const Timed<T>* one) { return one->number_; });
    return due_;
  }
  std::size_t size() const { return heap_.size(); }
  // How often any of them was opened for a change.
  std::uint64_t changes() const { return changes_; }

 private:
  friend class Timed<T>;
  struct Place {
    Instant when;
    Timed<T>* who = nullptr;
  };

  std::uint64_t add(Timed<T>& who) {
    heap_.push_back({.when = Instant::never(), .who = &who});
    who.place_ = heap_.size() - 1;
    due_.reserve(heap_.capacity());
    return ++made_;
  }
  void remove(std::size_t place) {
    const Place last = heap_.back();
    heap_.pop_back();
    if (place == heap_.size()) return;
    put(place, last);
    move(place, last.when);
  }
  // Gives who stands at `place` this deadline.
  void move(std::size_t place, Instant when) {
    const Place moved{.when = when, .who = heap_[place].who};
    while (place > 0 && when < heap_[(place - 1) / 2].when) {
      put(place, heap_[(place - 1) / 2]);
      place = (place - 1) / 2;
    }
    for (;;) {
      std::size_t child = 2 * place + 1;
      if (child >= heap_.size()) break;
      if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
      if (when <= heap_[child].when) break;
      put(place, heap_[child]);
      place = child;
    }
    put(place, moved);
  }
  void put(std::size_t place, const Place& what) {
    heap_[place] = what;
    what.who->place_ = place;
  }
  void collect(Instant now, std::size_t place) {
    if (place < heap_.size() && heap_[place].when <= now) due_.push_back(heap_[place].who);
  }

  std::vector<Place> heap_;
  std::vector<Timed<T>*> due_;
  std::uint64_t made_ = 0;
  std::uint64_t changes_ = 0;
};

// A T with a deadline, T::next_timeout(). It can be changed by change() alone, at the end of which
// its deadline is read anew: nobody can forget to.
template <class T>
class Timed {
 public:
  // Good until the statement or block ends in which it was taken; no longer than the Timed.
  class [[nodiscard]] Change {
   public:
    explicit Change(Timed& timed) : timed_(timed) { ++timed_.deadlines_.changes_; }
    ~Change() { timed_.follow(); }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;
    T& operator*() const { return timed_.value_; }
    T* operator->() const { return &timed_.value_; }

   private:
    Timed& timed_;
  };

  template <class... Args>
  explicit Timed(Deadlines<T>& deadlines, Args&&... args)
      : value_(std::forward<Args>(args)...), deadlines_(deadlines), number_(deadlines.add(*this)) {
    follow();
  }
  ~Timed() { deadlines_.remove(place_); }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

  const T& read() const { return value_; }
  Change change() { return Change(*this); }

 private:
  friend class Deadlines<T>;

  void follow() {
    const Instant when = value_.next_timeout();
    if (when == when_) return;
    when_ = when;
    deadlines_.move(place_, when);
  }

  T value_;
  Deadlines<T>& deadlines_;
  std::size_t place_ = 0;  // set by Deadlines, before number_
  std::uint64_t number_;
  Instant when_ = Instant::never();
};

}  // namespace rtc
