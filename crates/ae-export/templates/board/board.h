/* What the example asks of a board. */
#ifndef BOARD_H
#define BOARD_H

/* Prints text as it stands. */
void board_print(const char *text);
/* Ends the program. */
void board_exit(int code);

#endif
