/* Reads the file of cases and compares what the library gives, bit by bit. `tools/testkit/src/cases.rs`
 * describes the file. */
#include "cases.h"

#include "autoencoder.h"

#define BLOB_MOST 524288
#define PIXELS_MOST 4096
#define LATENT_MOST 1024
#define SCRATCH_MOST 16384
#define WINDOW_MOST 16384
#define CHANNELS_MOST 64
#define FRAME_MOST 4096

/* The blob lies on a boundary of 16 bytes. The largest is that of the images of `--all`. */
static union {
  uint8_t bytes[BLOB_MOST];
  uint64_t words[BLOB_MOST / 8];
} blob;
static uint8_t pixels[PIXELS_MOST], reconstruction[PIXELS_MOST], expected_pixels[PIXELS_MOST];
static uint8_t window[WINDOW_MOST];
static union {
  int8_t int8[LATENT_MOST];
  float f32[LATENT_MOST];
  uint8_t bytes[LATENT_MOST * 4];
} latent, expected_latent;
static union {
  int8_t int8[SCRATCH_MOST];
  float f32[SCRATCH_MOST];
} scratch;
static union {
  uint8_t u8[CHANNELS_MOST];
  int16_t i16[CHANNELS_MOST];
  float f32[CHANNELS_MOST];
} sample;

/* Of the detector in two halves; and what the sampler hands to the judge. */
static ae_sampler sampler;
static struct {
  uint8_t window[WINDOW_MOST], reconstruction[PIXELS_MOST];
  union {
    int8_t int8[SCRATCH_MOST];
    float f32[SCRATCH_MOST];
  } scratch;
} halves;
static union {
  uint8_t window[PIXELS_MOST];
  int16_t frame[FRAME_MOST];
} whole;

static ae_sizes sizes;
static uint32_t channels, samples_kind;
static uint32_t images, decisions;

static void print_number(uint32_t number) {
  char text[11];
  size_t at = sizeof text - 1;
  text[at] = 0;
  do {
    at -= 1;
    text[at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  cases_print(text + at);
}

/* Says what went wrong, and where. */
static int fail(const char *what) {
  cases_print("cases: image ");
  print_number(images);
  cases_print(", decision ");
  print_number(decisions);
  cases_print(": ");
  cases_print(what);
  cases_print("\n");
  return 1;
}

static int fail_with(const char *what, ae_error error) {
  cases_print(ae_error_text(error));
  cases_print("\n");
  return fail(what);
}

static int differs(const uint8_t *a, const uint8_t *b, size_t bytes) {
  size_t at;
  for (at = 0; at < bytes; at += 1) {
    if (a[at] != b[at]) {
      return 1;
    }
  }
  return 0;
}

static int read_u32(uint32_t *number) {
  uint8_t b[4];
  if (!cases_read(b, 4)) {
    return 0;
  }
  *number = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
  return 1;
}

static int read_u64(uint64_t *number) {
  uint32_t low, high;
  if (!read_u32(&low) || !read_u32(&high)) {
    return 0;
  }
  *number = (uint64_t)high << 32 | low;
  return 1;
}

static ae_error push_to_sampler(uint32_t *is_whole) {
  switch (samples_kind) {
  case 1:
    return ae_sampler_push_u8(&sampler, sample.u8, channels, is_whole);
  case 2:
    return ae_sampler_push_i16(&sampler, sample.i16, channels, is_whole);
  default:
    return ae_sampler_push_f32(&sampler, sample.f32, channels, is_whole);
  }
}

static int is_int8(void) { return sizes.contract == AE_CONTRACT_INT8; }

/* The model of the last record. */
static ae_int8_model int8_model;
static ae_f32_model f32_model;

static ae_error save_state(const ae_companions *of, uint8_t *to, size_t len) {
  return is_int8() ? ae_int8_companions_save(of, &int8_model, to, len)
                   : ae_f32_companions_save(of, &f32_model, to, len);
}

static ae_error resume_state(ae_companions *of, const uint8_t *from, size_t len) {
  return is_int8() ? ae_int8_companions_resume(of, &int8_model, from, len)
                   : ae_f32_companions_resume(of, &f32_model, from, len);
}

#include "companions.h"

#define FAMILY(name) ae_int8_##name
#define OWN(name) int8_##name
#define ELEMENTS int8
#include "family.h"
#undef FAMILY
#undef OWN
#undef ELEMENTS

#define FAMILY(name) ae_f32_##name
#define OWN(name) f32_##name
#define ELEMENTS f32
#include "family.h"

static int read_model(void) {
  uint32_t contract, blob_len, features, latent_len;
  ae_error error;
  if (!read_u32(&contract) || !read_u32(&blob_len) || !read_u32(&features)) {
    return fail("the file ends in a model");
  }
  if (!read_u32(&latent_len) || !read_u32(&channels) || !read_u32(&samples_kind)) {
    return fail("the file ends in a model");
  }
  if (blob_len > BLOB_MOST || !cases_read(blob.bytes, blob_len)) {
    return fail("a blob that is too long, or ends too early");
  }
  error = ae_sizes_of(blob.bytes, blob_len, &sizes);
  if (error != AE_ERROR_OK) {
    return fail_with("ae_sizes_of", error);
  }
  if ((uint32_t)sizes.contract != contract || sizes.features != features ||
      sizes.latent != latent_len || sizes.channels != channels ||
      (uint32_t)sizes.samples != samples_kind) {
    return fail("ae_sizes_of gives other sizes");
  }
  if (features > PIXELS_MOST || latent_len > LATENT_MOST || sizes.scratch > SCRATCH_MOST ||
      channels > CHANNELS_MOST || sizes.window > WINDOW_MOST || sizes.frame > FRAME_MOST) {
    return fail("a model that is too large for this program");
  }
  return is_int8() ? int8_load(blob_len) : f32_load(blob_len);
}

static int read_image(void) {
  size_t latent_bytes = sizes.latent * (is_int8() ? (size_t)1 : sizeof(float));
  uint64_t score;
  int failed;
  if (!cases_read(pixels, sizes.features) || !cases_read(expected_latent.bytes, latent_bytes) ||
      !cases_read(expected_pixels, sizes.features) || !read_u64(&score)) {
    return fail("the file ends in an image");
  }
  failed = is_int8() ? int8_image(score, latent_bytes) : f32_image(score, latent_bytes);
  images += 1;
  return failed;
}

static int read_signal(int is_along) {
  return is_int8() ? int8_signal(is_along) : f32_signal(is_along);
}

static int read_end(uint32_t models) {
  uint32_t all_models, all_images, all_decisions, all_scores;
  if (!read_u32(&all_models) || !read_u32(&all_images) || !read_u32(&all_decisions) ||
      !read_u32(&all_scores)) {
    return fail("the file has no end");
  }
  if (all_models != models || all_images != images || all_decisions != decisions ||
      all_scores != scores) {
    return fail("the file has another number of cases than its end says");
  }
  cases_print("cases: ");
  print_number(models);
  cases_print(" models, ");
  print_number(images);
  cases_print(" images, ");
  print_number(decisions);
  cases_print(" decisions, ");
  print_number(scores);
  cases_print(" scores, all equal\n");
  return 0;
}

int cases_run(void) {
  static const uint8_t magic[8] = {'A', 'E', 'C', 'A', 'S', 'E', 'S', '2'};
  uint8_t found[8];
  uint32_t kind, models = 0;
  int failed = 0;
  if (!cases_open() || !cases_read(found, sizeof found) || differs(found, magic, sizeof found)) {
    return fail("there is no file of cases");
  }
  while (!failed) {
    if (!read_u32(&kind)) {
      return fail("the file ends too early");
    }
    switch (kind) {
    case 0:
      return read_end(models);
    case 1:
      models += 1;
      failed = read_model();
      break;
    case 2:
      failed = read_image();
      break;
    case 3:
      failed = read_signal(0);
      break;
    case 4:
      failed = read_scores();
      break;
    case 5:
      failed = begin_companions() || read_signal(1);
      break;
    default:
      failed = fail("a record of an unknown kind");
    }
  }
  return failed;
}
