# What makes a memory error in a released program end it instead of being used (tests/contract/hardening.test.ts reads
# it off the executable). Sanitizer builds find the errors and go without.
include(CheckPIESupported)
check_pie_supported()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(LIKE_A_LIBRARY -fPIC)  # for a program that takes a library's precompiled header: linked it is a PIE all the same

add_compile_options(
  -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3  # glibc checks the sizes of buffers that the compiler can work out
  -D_GLIBCXX_ASSERTIONS                  # operator[], front(), optional's * and the like check what they are given
  -fstack-protector-strong
  -fstack-clash-protection               # a large frame cannot step over the guard page
  -ftrivial-auto-var-init=zero)          # an uninitialised variable discloses nothing
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i.86)$")
  add_compile_options(-fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  add_compile_options(-mbranch-protection=standard)
endif()
add_link_options("LINKER:-z,relro" "LINKER:-z,now" "LINKER:-z,noexecstack")
