/* What the reader of cases asks of the machine that it runs on. */
#ifndef CASES_H
#define CASES_H

#include <stddef.h>
#include <stdint.h>

/* Opens the file of cases; 1 for success. */
int cases_open(void);
/* Reads so many bytes of the file; 1 for success. */
int cases_read(void *to, size_t bytes);
/* Prints text as it stands. */
void cases_print(const char *text);

/* Reads and checks all cases; 0 if every one is as it must be. */
int cases_run(void);

#endif
