/* Calls functions of the library, each between two marks for an emulator that counts instructions. The
 * program `calls` of the firmware calls the same in Rust, in the same order. */
#include "autoencoder.h"
#include "counts.h"
#include "features.h"
#include "semihosting.h"
#include "start.h"

/* An emulator with the plugin `counter` begins a new stretch of its counts whenever this is called. */
void ae_mark(void);

__attribute__((noinline)) void ae_mark(void) { __asm__ volatile("nop"); }

static ae_int8_model model;
static ae_int8_detector detector;
static ae_int8_judge judge;
static ae_sampler sampler;
static uint8_t window[COUNTS_WINDOW], reconstruction[COUNTS_FEATURES];
static int8_t latent[COUNTS_LATENT], scratch[COUNTS_SCRATCH];
static uint8_t frames[FEATURES_WINDOW];
static union {
  uint8_t window[COUNTS_FEATURES];
  int16_t frame[FEATURES_FRAME];
} whole;

static ae_companions companions;
static uint64_t kept[AE_CALIBRATION_LEN(19, 100000)], kept_low[AE_CALIBRATION_LEN(19, 50000)];
static uint16_t runs[COUNTS_RUNS];

/* Where samples come, and what is said of them: the same at every call, as in a program. */
static int16_t sample[2];
static ae_decision decision;
static ae_observation seen;

static void check(ae_error error) {
  if (error != AE_ERROR_OK) {
    semihosting_print("FAILED: ");
    semihosting_print(ae_error_text(error));
    semihosting_print("\n");
    semihosting_exit(1);
  }
}

static void expect(int is_so) {
  if (!is_so) {
    semihosting_print("FAILED: a call\n");
    semihosting_exit(1);
  }
}

/* A call between two marks, without the look at what it gave. */
#define MARKED(call)                                                                               \
  do {                                                                                             \
    ae_error error;                                                                                \
    ae_mark();                                                                                     \
    error = call;                                                                                  \
    ae_mark();                                                                                     \
    check(error);                                                                                  \
  } while (0)

static uint64_t of_model(void) {
  static const uint8_t pixels[4] = {10, 200, 30, 120};
  uint64_t score = 0;
  check(ae_int8_load(&model, counts_blob, COUNTS_BYTES));
  MARKED(ae_int8_encode(&model, pixels, COUNTS_FEATURES, latent, COUNTS_LATENT, scratch, COUNTS_SCRATCH));
  MARKED(ae_int8_decode(&model, latent, COUNTS_LATENT, reconstruction, COUNTS_FEATURES, scratch,
                        COUNTS_SCRATCH));
  MARKED(ae_int8_reconstruct(&model, pixels, reconstruction, COUNTS_FEATURES, scratch, COUNTS_SCRATCH));
  MARKED(ae_int8_score(&model, pixels, reconstruction, COUNTS_FEATURES, scratch, COUNTS_SCRATCH, &score));
  return score;
}

static void begin_companions(void) {
  ae_plan plan = {0};
  plan.scores = 19;
  plan.alarm_ppm = 100000;
  plan.low_ppm = 50000;
  plan.constant = 3;
  plan.drift_ppm = 10000;
  check(ae_companions_begin(&companions, &plan, kept, sizeof kept / sizeof *kept, kept_low,
                            sizeof kept_low / sizeof *kept_low, runs, COUNTS_RUNS));
}

static void quiet(void) {
  sample[0] = 120;
  sample[1] = -40;
}

static void loud(void) {
  sample[0] = 3000;
  sample[1] = -3000;
}

static uint64_t of_windows(void) {
  uint64_t score;
  quiet();
  check(ae_int8_detector_begin(&detector, &model, window, COUNTS_WINDOW, reconstruction, COUNTS_FEATURES,
                               scratch, COUNTS_SCRATCH));
  MARKED(ae_int8_detector_push_i16(&detector, sample, 2, &decision));
  check(ae_int8_detector_reset(&detector));
  MARKED(ae_int8_detector_push_i16(&detector, sample, 2, &decision));
  expect(decision.verdict == AE_VERDICT_NONE);
  loud();
  MARKED(ae_int8_detector_push_i16(&detector, sample, 2, &decision));
  expect(decision.verdict != AE_VERDICT_NONE);
  score = decision.score;
  check(ae_int8_detector_reset(&detector));
  begin_companions();
  quiet();
  MARKED(ae_int8_detector_push_i16_with(&detector, &companions, sample, 2, &seen));
  check(ae_int8_detector_reset(&detector));
  MARKED(ae_int8_detector_push_i16_with(&detector, &companions, sample, 2, &seen));
  expect(seen.decision.verdict == AE_VERDICT_NONE);
  loud();
  MARKED(ae_int8_detector_push_i16_with(&detector, &companions, sample, 2, &seen));
  expect(seen.decision.verdict != AE_VERDICT_NONE);
  return score + seen.decision.score;
}

static uint64_t in_halves(void) {
  uint32_t is_whole;
  quiet();
  check(ae_int8_judge_begin(&judge, &sampler, &model, window, COUNTS_WINDOW, reconstruction,
                            COUNTS_FEATURES, scratch, COUNTS_SCRATCH));
  MARKED(ae_sampler_push_i16(&sampler, sample, 2, &is_whole));
  expect(!is_whole);
  loud();
  MARKED(ae_sampler_push_i16(&sampler, sample, 2, &is_whole));
  expect(is_whole != 0);
  MARKED(ae_sampler_copy_window(&sampler, whole.window, COUNTS_FEATURES));
  check(ae_int8_judge_decide(&judge, whole.window, COUNTS_FEATURES, &decision));
  MARKED(ae_int8_judge_decide(&judge, whole.window, COUNTS_FEATURES, &decision));
  begin_companions();
  check(ae_int8_judge_decide_with(&judge, &companions, whole.window, COUNTS_FEATURES, &seen));
  MARKED(ae_int8_judge_decide_with(&judge, &companions, whole.window, COUNTS_FEATURES, &seen));
  return decision.score + seen.decision.score;
}

static void tone(int at) { sample[0] = (int16_t)(300 * (at % 7)); }

static uint64_t of_frames(void) {
  uint32_t is_whole;
  uint64_t sum;
  int at;
  check(ae_int8_load(&model, features_blob, FEATURES_BYTES));
  check(ae_int8_detector_begin(&detector, &model, frames, FEATURES_WINDOW, reconstruction,
                               FEATURES_FEATURES, scratch, FEATURES_SCRATCH));
  begin_companions();
  for (at = 0; at < 46; at += 1) {
    tone(at);
    check(ae_int8_detector_push_i16(&detector, sample, 1, &decision));
  }
  tone(46);
  MARKED(ae_int8_detector_push_i16(&detector, sample, 1, &decision));
  tone(47);
  MARKED(ae_int8_detector_push_i16(&detector, sample, 1, &decision));
  expect(decision.verdict != AE_VERDICT_NONE);
  sum = decision.score;
  for (at = 48; at < 63; at += 1) {
    tone(at);
    check(ae_int8_detector_push_i16_with(&detector, &companions, sample, 1, &seen));
  }
  tone(63);
  MARKED(ae_int8_detector_push_i16_with(&detector, &companions, sample, 1, &seen));
  expect(seen.decision.verdict != AE_VERDICT_NONE);
  sum += seen.decision.score;

  /* A detector in two halves begins anew here; that in Rust is split, and has seen the same. */
  check(ae_int8_judge_begin(&judge, &sampler, &model, frames, FEATURES_WINDOW, reconstruction,
                            FEATURES_FEATURES, scratch, FEATURES_SCRATCH));
  for (at = 0; at < 79; at += 1) {
    tone(at);
    check(ae_sampler_push_i16(&sampler, sample, 1, &is_whole));
    if (is_whole) {
      check(ae_sampler_copy_frame(&sampler, whole.frame, FEATURES_FRAME));
      check(ae_int8_judge_take_frame(&judge, whole.frame, FEATURES_FRAME, &decision));
    }
  }
  tone(79);
  MARKED(ae_sampler_push_i16(&sampler, sample, 1, &is_whole));
  expect(is_whole != 0);
  MARKED(ae_sampler_copy_frame(&sampler, whole.frame, FEATURES_FRAME));
  MARKED(ae_int8_judge_take_frame(&judge, whole.frame, FEATURES_FRAME, &decision));
  sum += decision.score;
  check(ae_int8_judge_take_frame_with(&judge, &companions, whole.frame, FEATURES_FRAME, &seen));
  MARKED(ae_int8_judge_take_frame_with(&judge, &companions, whole.frame, FEATURES_FRAME, &seen));
  return sum + seen.decision.score;
}

static void print_number(uint64_t number) {
  char text[21];
  size_t at = sizeof text - 1;
  text[at] = 0;
  do {
    at -= 1;
    text[at] = (char)('0' + (int)(number % 10));
    number /= 10;
  } while (number != 0);
  semihosting_print(text + at);
}

void bare_main(void) {
  uint64_t sum = of_model();
  sum += of_windows();
  sum += in_halves();
  sum += of_frames();
  semihosting_print("calls: sum=");
  print_number(sum);
  semihosting_print("\n");
  semihosting_exit(0);
}
