/* The example on a computer. */
#include "board.h"

#include <stdio.h>
#include <stdlib.h>

void board_print(const char *text) { fputs(text, stdout); }

void board_exit(int code) { exit(code); }
