#include "rtc/srtp/ipsec_mb_manager.hpp"

#include <utility>

namespace rtc {

const IMB_MGR* shared_ipsec_mb() {
  static const IpsecMbManager instance = []() -> IpsecMbManager {
    IpsecMbManager fresh(alloc_mb_mgr(0));
    if (fresh == nullptr) return nullptr;
    IMB_ARCH architecture = IMB_ARCH_NONE;
    init_mb_mgr_auto(fresh.get(), &architecture);
    const bool is_usable =
        architecture >= IMB_ARCH_SSE && (fresh->features & IMB_FEATURE_AESNI) != 0;
    return is_usable ? std::move(fresh) : nullptr;
  }();
  return instance.get();
}

IpsecMbManager make_ipsec_mb() {
  const IMB_MGR* const shared = shared_ipsec_mb();
  IpsecMbManager fresh(shared == nullptr ? nullptr : alloc_mb_mgr(0));
  if (fresh == nullptr) return nullptr;
  // SHA-1 instructions on two packets at once beat eight lanes of AVX2 (460 against 660 ns for 1200
  // octets, Zen 3), which the library would take; they do not beat sixteen of AVX-512.
  const bool has_sha = (shared->features & IMB_FEATURE_SHANI) != 0;
  const bool has_wide_lanes = (shared->features & IMB_FEATURE_AVX512_SKX) == IMB_FEATURE_AVX512_SKX;
  if (has_sha && !has_wide_lanes) {
    init_mb_mgr_sse(fresh.get());
  } else {
    init_mb_mgr_auto(fresh.get(), nullptr);
  }
  return fresh;
}

}  // namespace rtc
