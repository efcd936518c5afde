// People who talk, as the levels of their packets.
#pragma once

#include "base/random.hpp"
#include "rtc/rtp/extension_values.hpp"

namespace rtc::testing {

inline constexpr Duration kPacket = std::chrono::milliseconds{20};

// `dbov` as it is said: -30 is louder than -60.
inline AudioLevel level(int dbov, bool has_voice = false) {
  return {.level_dbov = static_cast<std::uint8_t>(-dbov), .has_voice = has_voice};
}

// Syllables of 100 to 300 ms with gaps of 20 to 100 ms, a breath of up to 250 ms now and then.
class Talker {
 public:
  Talker(std::uint64_t seed, int dbov) : random_(seed), dbov_(dbov) {}

  void set_talking(bool talks) { talks_ = talks; }

  AudioLevel next() {
    if (left_ == 0) {
      sounds_ = !sounds_;
      const bool is_breath = !sounds_ && random_.u32() % 8 == 0;
      const unsigned most = sounds_ ? 11 : 5;
      const unsigned least = sounds_ ? 5 : 1;
      left_ = is_breath ? 12 : least + random_.u32() % (most - least);
    }
    --left_;
    const int noise = static_cast<int>(random_.u32() % 7) - 3;
    return level(talks_ && sounds_ ? dbov_ + noise : -75 + noise);
  }

 private:
  SeededRandom random_;
  int dbov_;
  bool talks_ = true;
  bool sounds_ = false;
  unsigned left_ = 0;
};

}  // namespace rtc::testing
