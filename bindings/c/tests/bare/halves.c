/* A detector in two halves: the timer's interrupt pushes samples while the program decides. What it decides
 * must be what the detector in one says of the same samples.
 *
 * With PLANTED a sample is left out, which must be found. */
#include "model.h"
#include "semihosting.h"
#include "start.h"

#include <stdint.h>

#define SAMPLES 400u
#define CHANNELS_MOST 8
#define FRAME_MOST 256
/* Ticks of the timer from a sample to the next: an inference takes longer. */
#define TICKS 25u

static ae_int8_model model;
static ae_sizes sizes;
static uint8_t window[MODEL_WINDOW], reconstruction[MODEL_FEATURES];
static int8_t scratch[MODEL_SCRATCH];
static ae_int8_detector detector;
static ae_sampler sampler;
static ae_int8_judge judge;

/* What the detector in one says. */
static ae_decision expected[SAMPLES];
static uint32_t expected_count;

/* From the interrupt to the program: the window or the frame, and whether it waits to be taken. */
static union {
  uint8_t window[MODEL_FEATURES];
  int16_t frame[FRAME_MOST];
} handed, taken;
static volatile uint32_t is_handed, is_deciding, pushed, pushed_while_deciding;
static volatile ae_error error_of_sampler;

static void make_sample(uint32_t index, int16_t *sample) {
  size_t channel;
  for (channel = 0; channel < MODEL_CHANNELS; channel += 1) {
    const uint32_t wave = (index * (37u + (uint32_t)channel) + (uint32_t)channel * 101u) % 128u;
    /* Now and then it is loud. */
    sample[channel] = (int16_t)(index / 50u % 3u == 2u ? wave * 30u : wave);
  }
}

static ae_error copy_whole(void) {
  return sizes.frame == 0 ? ae_sampler_copy_window(&sampler, handed.window, sizes.features)
                          : ae_sampler_copy_frame(&sampler, handed.frame, sizes.frame);
}

/* The interrupt owns the sampler. It waits with the next sample where the last whole window has not been
 * taken, so that none is lost however slow the emulated program is. */
void bare_tick(void) {
  int16_t sample[CHANNELS_MOST];
  uint32_t is_whole = 0;
  ae_error error;
  if (is_handed || pushed == SAMPLES) {
    return;
  }
#if defined(PLANTED)
  if (pushed == SAMPLES / 2u) {
    pushed += 1u;
  }
#endif
  make_sample(pushed, sample);
  error = ae_sampler_push_i16(&sampler, sample, MODEL_CHANNELS, &is_whole);
  if (error == AE_ERROR_OK && is_whole) {
    error = copy_whole();
    __asm__ volatile("" ::: "memory");
    is_handed = 1;
  }
  if (error != AE_ERROR_OK) {
    error_of_sampler = error;
  }
  pushed += 1u;
  pushed_while_deciding += is_deciding;
}

static void print_number(uint32_t number) {
  char text[11];
  size_t at = sizeof text - 1;
  text[at] = 0;
  do {
    at -= 1;
    text[at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  semihosting_print(text + at);
}

static void end_with(const char *what, ae_error error) {
  semihosting_print("halves: ");
  semihosting_print(what);
  semihosting_print(": ");
  semihosting_print(ae_error_text(error));
  semihosting_print("\n");
  semihosting_exit(1);
}

static void check(const char *what, ae_error error) {
  if (error != AE_ERROR_OK) {
    end_with(what, error);
  }
}

/* The detector in one. */
static void decide_in_one(void) {
  uint32_t index;
  check("detector_begin", ae_int8_detector_begin(&detector, &model, window, MODEL_WINDOW, reconstruction,
                                                 MODEL_FEATURES, scratch, MODEL_SCRATCH));
  for (index = 0; index < SAMPLES; index += 1) {
    int16_t sample[CHANNELS_MOST];
    ae_decision decision;
    make_sample(index, sample);
    check("detector_push", ae_int8_detector_push_i16(&detector, sample, MODEL_CHANNELS, &decision));
    if (decision.verdict != AE_VERDICT_NONE) {
      expected[expected_count] = decision;
      expected_count += 1;
    }
  }
}

static ae_error judge_whole(ae_decision *decision) {
  return sizes.frame == 0
             ? ae_int8_judge_decide(&judge, taken.window, sizes.features, decision)
             : ae_int8_judge_take_frame(&judge, taken.frame, sizes.frame, decision);
}

static int differs(const ae_decision *a, const ae_decision *b) {
  return a->verdict != b->verdict || a->score != b->score || a->channel != b->channel ||
         a->channel_score != b->channel_score;
}

/* Decides what the interrupt hands over, until all samples are there and taken. */
static uint32_t decide_in_two(void) {
  uint32_t count = 0;
  while (pushed < SAMPLES || is_handed) {
    ae_decision decision;
    ae_error error;
    if (!is_handed) {
      continue;
    }
    taken = handed;
    is_deciding = 1;
    /* The copy is whole before the interrupt may write the next one. */
    __asm__ volatile("" ::: "memory");
    is_handed = 0;
    error = judge_whole(&decision);
    is_deciding = 0;
    check("judge", error);
    check("sampler", error_of_sampler);
    if (decision.verdict == AE_VERDICT_NONE) {
      continue;
    }
    if (count == expected_count || differs(&decision, &expected[count])) {
      semihosting_print("halves: another decision\n");
      semihosting_exit(1);
    }
    count += 1;
  }
  return count;
}

void bare_main(void) {
  /* SysTick: control and status, reload, current value. */
  volatile uint32_t *const timer = (volatile uint32_t *)0xE000E010u;
  uint32_t count;
  check("sizes_of", ae_sizes_of(model_blob, MODEL_BYTES, &sizes));
  check("load", ae_int8_load(&model, model_blob, MODEL_BYTES));
  decide_in_one();
  check("judge_begin", ae_int8_judge_begin(&judge, &sampler, &model, window, MODEL_WINDOW, reconstruction,
                                           MODEL_FEATURES, scratch, MODEL_SCRATCH));
  timer[1] = TICKS;
  timer[2] = 0;
  timer[0] = 7;
  count = decide_in_two();
  timer[0] = 0;
  if (count != expected_count || pushed_while_deciding == 0) {
    semihosting_print("halves: decisions are missing, or no sample came while one was made\n");
    semihosting_exit(1);
  }
  semihosting_print("halves: ");
  print_number(count);
  semihosting_print(" decisions equal, ");
  print_number(pushed_while_deciding);
  semihosting_print(" samples while deciding\n");
  semihosting_exit(0);
}
