/* The example on a Cortex-M4F that QEMU emulates: its start, and semihosting. */
#include "board.h"

#include <stddef.h>
#include <stdint.h>

/* From the linker script. */
extern uint32_t board_stack_top[], board_data_start[], board_data_end[], board_bss_start[],
    board_bss_end[];
extern const uint32_t board_data_source[];

int main(void);

static uintptr_t call(uintptr_t operation, const void *arguments) {
  register uintptr_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = arguments;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

/* SYS_WRITE0. */
void board_print(const char *text) { call(0x04, text); }

/* SYS_EXIT_EXTENDED, because the application ends. */
void board_exit(int code) {
  const uintptr_t arguments[2] = {0x20026u, (uintptr_t)code};
  call(0x20, arguments);
  for (;;) {
  }
}

static void start(void) {
  volatile uint32_t *const cpacr = (volatile uint32_t *)0xE000ED88u;
  size_t at;
  /* The floating-point unit is off after a reset. */
  *cpacr |= 0xFu << 20;
  __asm__ volatile("dsb\nisb" ::: "memory");
  for (at = 0; &board_data_start[at] < board_data_end; at += 1) {
    board_data_start[at] = board_data_source[at];
  }
  for (at = 0; &board_bss_start[at] < board_bss_end; at += 1) {
    board_bss_start[at] = 0;
  }
  board_exit(main());
}

static void fault(void) {
  board_print("fault\n");
  board_exit(3);
}

/* The stack, the reset, and every fault. */
struct vectors {
  uint32_t *stack_top;
  void (*handlers[6])(void);
};

__attribute__((section(".start"), used)) static const struct vectors table = {
    board_stack_top, {start, fault, fault, fault, fault, fault}};
