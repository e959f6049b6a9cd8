/* The start of a program without an operating system: the vector table of a Cortex-M, or the first
 * instructions of a RISC-V; then variables, and the program. */
#include "start.h"

#include <stddef.h>
#include <stdint.h>

#include "semihosting.h"

/* From the linker script. */
extern uint32_t bare_stack_top[], bare_data_start[], bare_data_end[], bare_bss_start[], bare_bss_end[];
extern const uint32_t bare_data_source[];

void bare_start(void) {
  size_t at;
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
  /* CPACR: the registers of FPU and vector unit are off after a reset. */
  volatile uint32_t *const cpacr = (volatile uint32_t *)0xE000ED88u;
  *cpacr |= 0xFu << 20;
  __asm__ volatile("dsb\nisb" ::: "memory");
#endif
  for (at = 0; &bare_data_start[at] < bare_data_end; at += 1) {
    bare_data_start[at] = bare_data_source[at];
  }
  for (at = 0; &bare_bss_start[at] < bare_bss_end; at += 1) {
    bare_bss_start[at] = 0;
  }
  bare_main();
}

#if defined(__riscv)
static void fault(void) __attribute__((aligned(4), used));

static void fault(void) {
  semihosting_print("trap\n");
  semihosting_exit(3);
}

__attribute__((naked, section(".start"), used)) void bare_entry(void) {
  __asm__("la sp, bare_stack_top\nla t0, fault\ncsrw mtvec, t0\nj bare_start");
}
#else
static void fault(void) {
  semihosting_print("fault\n");
  semihosting_exit(3);
}

void bare_tick(void) __attribute__((weak, alias("fault")));

/* The entries that a program can come to without interrupts but the timer's: reset, NMI, the faults, and
 * SysTick, the last. */
struct vectors {
  uint32_t *stack_top;
  void (*handlers[15])(void);
};

__attribute__((section(".start"), used)) static const struct vectors table = {
    bare_stack_top,
    {bare_start, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
     fault, bare_tick}};
#endif
