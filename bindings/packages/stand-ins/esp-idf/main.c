/* What ESP-IDF does with a program. */
void app_main(void);

int main(void) {
  app_main();
  return 1;
}
