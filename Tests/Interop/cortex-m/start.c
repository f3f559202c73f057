// Starts a program on the Cortex-M4 of QEMU's mps2-an386, which reads and writes files of the host.
#include <stdint.h>

extern uint32_t stack_top[];
extern void _start(void);  // newlib's, which clears .bss and calls main

static void reset(void) {
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;  // CPACR: the floating-point unit
  __asm volatile("dsb\n isb");
  _start();
}

// A fault ends the program where somebody sees it: semihosting's SYS_EXIT with an error.
static void fault(void) {
  __asm volatile("movs r0, #0x18\n ldr r1, =0x20023\n bkpt 0xab");
}

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {
    stack_top, (void *)reset, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
};
