/* Semihosting: a program asks the emulator, or a debugger, to read, print and exit. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stddef.h>
#include <stdint.h>

/* Opens a file of the host to be read; negative for failure. */
int32_t semihosting_open(const char *name);
/* Reads as many bytes as there are; gives how many were not read. */
size_t semihosting_read(int32_t file, void *to, size_t bytes);
/* Prints text as it stands. */
void semihosting_print(const char *text);
/* Ends the program with an exit code. */
void semihosting_exit(int code);

#endif
