/* What a program without an operating system begins with, the same on every core. */
#ifndef START_H
#define START_H

/* The program. It does not come back. */
void bare_main(void);

/* What the timer of a Cortex-M calls, where the program has it and starts the timer. */
void bare_tick(void);

/* The first function that runs. It gives variables their first values. */
void bare_start(void);

#endif
