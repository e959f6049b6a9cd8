/* The reader of cases under an operating system: `host FILE`. */
#include <stdio.h>

#include "cases.h"

static const char *name;
static FILE *file;

int cases_open(void) {
  file = fopen(name, "rb");
  return file != NULL;
}

int cases_read(void *to, size_t bytes) { return fread(to, 1, bytes, file) == bytes; }

void cases_print(const char *text) { fputs(text, stdout); }

int main(int arguments, char **words) {
  if (arguments != 2) {
    fputs("usage: host FILE\n", stderr);
    return 2;
  }
  name = words[1];
  return cases_run();
}
