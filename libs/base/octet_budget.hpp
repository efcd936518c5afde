// How many octets are held for one client at the moment, over all of its connections.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <utility>

struct OctetBudget {
  std::size_t held = 0;
  std::size_t max = std::numeric_limits<std::size_t>::max();

  bool is_exceeded() const { return held > max; }
};

// Shared by all who hold octets for that client; null: nobody counts.
using OctetBudgetRef = std::shared_ptr<OctetBudget>;

// Holds some octets for as long as it lives.
class HeldOctets {
 public:
  HeldOctets() = default;
  HeldOctets(OctetBudgetRef budget, std::size_t octets)
      : budget_(std::move(budget)), octets_(octets) {
    if (budget_ != nullptr) budget_->held += octets_;
  }
  HeldOctets(HeldOctets&& other) noexcept
      : budget_(std::move(other.budget_)), octets_(other.octets_) {}
  HeldOctets& operator=(HeldOctets&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(octets_, other.octets_);
    return *this;
  }
  ~HeldOctets() {
    if (budget_ != nullptr) budget_->held -= octets_;
  }

 private:
  OctetBudgetRef budget_;
  std::size_t octets_ = 0;
};
