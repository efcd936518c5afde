// Intel's Multi-Buffer library, of which each manager is a table of functions chosen for the
// processor, and a place for jobs that wait. Included only where the build has the library.
#pragma once

#include <memory>

#define NO_COMPAT_IMB_API_053  // its old names collide with OpenSSL's
#include <intel-ipsec-mb.h>

namespace rtc {

struct FreeIpsecMb {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using IpsecMbManager = std::unique_ptr<IMB_MGR, FreeIpsecMb>;

// For what is done at once: it keeps no state, so one serves all threads. Null where the processor
// has no AES instructions: its emulation is slower than OpenSSL.
const IMB_MGR* shared_ipsec_mb();
// For jobs that wait for each other; for one thread. Null where shared_ipsec_mb() is.
IpsecMbManager make_ipsec_mb();

}  // namespace rtc
