/* What `cases.c` does with a model of one contract. It is included once for each: FAMILY names a
 * function of the library, OWN one of this file, and ELEMENTS the type of latent and scratch. */

static FAMILY(model) OWN(model);
static FAMILY(detector) OWN(detector);

static int OWN(load)(uint32_t blob_len) {
  ae_fault fault;
  ae_error error = FAMILY(load)(&OWN(model), blob.bytes, blob_len);
  if (error != AE_ERROR_OK) {
    return fail_with("load", error);
  }
  error = FAMILY(self_test)(&OWN(model), pixels, sizes.features, scratch.ELEMENTS, sizes.scratch,
                            &fault);
  return error == AE_ERROR_OK ? 0 : fail_with("self_test", error);
}

static int OWN(image)(uint64_t score, size_t latent_bytes) {
  uint64_t found = 0;
  ae_error error = FAMILY(encode)(&OWN(model), pixels, sizes.features, latent.ELEMENTS, sizes.latent,
                                  scratch.ELEMENTS, sizes.encode_scratch);
  if (error != AE_ERROR_OK) {
    return fail_with("encode", error);
  }
  if (differs(latent.bytes, expected_latent.bytes, latent_bytes)) {
    return fail("the latent differs");
  }
  error = FAMILY(decode)(&OWN(model), latent.ELEMENTS, sizes.latent, reconstruction, sizes.features,
                         scratch.ELEMENTS, sizes.decode_scratch);
  if (error != AE_ERROR_OK) {
    return fail_with("decode", error);
  }
  if (differs(reconstruction, expected_pixels, sizes.features)) {
    return fail("the pixels of decode differ");
  }
  reconstruction[0] ^= 0xff;
  error = FAMILY(reconstruct)(&OWN(model), pixels, reconstruction, sizes.features, scratch.ELEMENTS,
                              sizes.scratch);
  if (error != AE_ERROR_OK) {
    return fail_with("reconstruct", error);
  }
  if (differs(reconstruction, expected_pixels, sizes.features)) {
    return fail("the pixels of reconstruct differ");
  }
  error = FAMILY(score)(&OWN(model), pixels, reconstruction, sizes.features, scratch.ELEMENTS,
                        sizes.scratch, &found);
  if (error != AE_ERROR_OK) {
    return fail_with("score", error);
  }
  return found == score ? 0 : fail("the score differs");
}

static int OWN(signal)(void) {
  uint32_t samples, at, verdict, channel;
  uint64_t score, channel_score;
  ae_decision decision;
  size_t width = samples_kind == 1 ? 1 : samples_kind == 2 ? sizeof(int16_t) : sizeof(float);
  ae_error error = FAMILY(detector_begin)(&OWN(detector), &OWN(model), window, sizes.window,
                                          reconstruction, sizes.features, scratch.ELEMENTS,
                                          sizes.scratch);
  if (error != AE_ERROR_OK) {
    return fail_with("detector_begin", error);
  }
  if (!read_u32(&samples)) {
    return fail("the file ends in a signal");
  }
  for (at = 0; at < samples; at += 1) {
    if (!cases_read(sample.u8, channels * width) || !read_u32(&verdict)) {
      return fail("the file ends in a signal");
    }
    switch (samples_kind) {
    case 1:
      error = FAMILY(detector_push_u8)(&OWN(detector), sample.u8, channels, &decision);
      break;
    case 2:
      error = FAMILY(detector_push_i16)(&OWN(detector), sample.i16, channels, &decision);
      break;
    default:
      error = FAMILY(detector_push_f32)(&OWN(detector), sample.f32, channels, &decision);
    }
    if (error != AE_ERROR_OK) {
      return fail_with("detector_push", error);
    }
    if ((uint32_t)decision.verdict != verdict) {
      return fail("another decision");
    }
    if (verdict == 0) {
      continue;
    }
    if (!read_u32(&channel) || !read_u64(&score) || !read_u64(&channel_score)) {
      return fail("the file ends in a decision");
    }
    if (decision.channel != channel || decision.score != score ||
        decision.channel_score != channel_score) {
      return fail("another score or channel");
    }
    decisions += 1;
  }
  error = FAMILY(detector_reset)(&OWN(detector));
  return error == AE_ERROR_OK ? 0 : fail_with("detector_reset", error);
}
