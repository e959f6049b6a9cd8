/* An example: loads the model, tests it, and runs it once. Replace what is given here by what your
 * sensor gives. */
#include "board/board.h"
#include "@model@.h"

static @model@_engine engine;
static uint8_t pixels[@MODEL@_FEATURES];
static @model@_element scratch[@MODEL@_SCRATCH];

static void print_number(uint64_t number) {
  char text[21];
  size_t at = sizeof text - 1;
  text[at] = 0;
  do {
    at -= 1;
    text[at] = (char)('0' + (int)(number % 10));
    number /= 10;
  } while (number != 0);
  board_print(text + at);
}

/* Ends the program where something failed. */
static void check(ae_error error) {
  if (error != AE_ERROR_OK) {
    board_print(ae_error_text(error));
    board_print("\n");
    board_exit(1);
  }
}

#if @MODEL@_HAS_DETECTOR
static @model@_detector detector;
static uint8_t window[@MODEL@_WINDOW];

/* A signal that stands for yours: a saw of a different pace in each channel. */
static void read_sample(uint32_t index, @model@_value sample[@MODEL@_CHANNELS]) {
  uint32_t channel;
  for (channel = 0; channel < @MODEL@_CHANNELS; channel += 1) {
    sample[channel] = (@model@_value)((index * (37 + channel) + channel * 101) % 128);
  }
}

/* Pushes samples until a window is whole. */
static void run(void) {
  @model@_value sample[@MODEL@_CHANNELS];
  ae_decision decision;
  uint32_t index = 0;
  check(@model@_call(detector_begin)(&detector, &engine, window, @MODEL@_WINDOW, pixels,
                                   @MODEL@_FEATURES, scratch, @MODEL@_SCRATCH));
  do {
    read_sample(index, sample);
    index += 1;
    check(@model@_push(&detector, sample, @MODEL@_CHANNELS, &decision));
  } while (decision.verdict == AE_VERDICT_NONE);
  board_print(decision.verdict == AE_VERDICT_ALARM ? "alarm" : "normal");
  board_print(" after ");
  print_number(index);
  board_print(" samples: score ");
  print_number(decision.score);
  board_print(", threshold ");
  print_number(decision.threshold);
  board_print(", channel ");
  print_number(decision.channel);
  board_print("\n");
}
#elif @MODEL@_HAS_ENCODER && @MODEL@_HAS_DECODER
static uint8_t image[@MODEL@_FEATURES];

/* The squared error of a grey image. */
static void run(void) {
  uint64_t score = 0;
  size_t at;
  for (at = 0; at < @MODEL@_FEATURES; at += 1) {
    image[at] = 128;
  }
  check(@model@_call(score)(&engine, image, pixels, @MODEL@_FEATURES, scratch, @MODEL@_SCRATCH,
                          &score));
  board_print("squared error ");
  print_number(score);
  board_print("\n");
}
#elif @MODEL@_HAS_ENCODER
static @model@_element latent[@MODEL@_LATENT];

/* The latent of a grey image. */
static void run(void) {
  size_t at;
  for (at = 0; at < @MODEL@_FEATURES; at += 1) {
    pixels[at] = 128;
  }
  check(@model@_call(encode)(&engine, pixels, @MODEL@_FEATURES, latent, @MODEL@_LATENT, scratch,
                           @MODEL@_ENCODE_SCRATCH));
  board_print("encoded\n");
}
#else
static @model@_element latent[@MODEL@_LATENT];

/* The image of a latent of zeros. */
static void run(void) {
  check(@model@_call(decode)(&engine, latent, @MODEL@_LATENT, pixels, @MODEL@_FEATURES, scratch,
                           @MODEL@_DECODE_SCRATCH));
  board_print("decoded\n");
}
#endif

int main(void) {
  ae_fault fault;
  check(@model@_call(load)(&engine, @model@_blob, @MODEL@_BYTES));
  check(@model@_call(self_test)(&engine, pixels, @MODEL@_FEATURES, scratch, @MODEL@_SCRATCH, &fault));
  run();
  board_exit(0);
  return 0;
}
