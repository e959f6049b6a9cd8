/* "Semihosting for AArch32 and AArch64" and "RISC-V Semihosting" have the numbers. */
#include "semihosting.h"

#define SYS_OPEN 0x01u
#define SYS_WRITE0 0x04u
#define SYS_READ 0x06u
#define SYS_EXIT_EXTENDED 0x20u
#define APPLICATION_EXIT 0x20026u

static uintptr_t call(uintptr_t operation, const void *arguments) {
#if defined(__riscv)
  register uintptr_t a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = arguments;
  /* The three instructions must lie on one page and have 4 bytes each. */
  __asm__ volatile(".balign 16\n.option push\n.option norvc\n"
                   "slli zero, zero, 0x1f\nebreak\nsrai zero, zero, 7\n.option pop"
                   : "+r"(a0)
                   : "r"(a1)
                   : "memory");
  return a0;
#else
  register uintptr_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = arguments;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
#endif
}

static size_t length(const char *text) {
  size_t bytes = 0;
  while (text[bytes] != 0) {
    bytes += 1;
  }
  return bytes;
}

int32_t semihosting_open(const char *name) {
  /* Mode 1 is "rb". */
  const uintptr_t arguments[3] = {(uintptr_t)name, 1, length(name)};
  return (int32_t)call(SYS_OPEN, arguments);
}

size_t semihosting_read(int32_t file, void *to, size_t bytes) {
  const uintptr_t arguments[3] = {(uintptr_t)file, (uintptr_t)to, bytes};
  return call(SYS_READ, arguments);
}

void semihosting_print(const char *text) { call(SYS_WRITE0, text); }

void semihosting_exit(int code) {
  const uintptr_t arguments[2] = {APPLICATION_EXIT, (uintptr_t)code};
  call(SYS_EXIT_EXTENDED, arguments);
  for (;;) {
  }
}
