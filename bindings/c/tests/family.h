/* What `cases.c` does with a model of one contract. It is included once for each: FAMILY names a
 * function of the library, OWN one of this file, and ELEMENTS the type of latent and scratch. */

static FAMILY(detector) OWN(detector);
static FAMILY(judge) OWN(judge);

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

/* The detector whole, and in two halves that are given the same. */
static int OWN(begin)(void) {
  ae_error error = FAMILY(detector_begin)(&OWN(detector), &OWN(model), window, sizes.window,
                                          reconstruction, sizes.features, scratch.ELEMENTS,
                                          sizes.scratch);
  if (error != AE_ERROR_OK) {
    return fail_with("detector_begin", error);
  }
  error = FAMILY(judge_begin)(&OWN(judge), &sampler, &OWN(model), halves.window, sizes.window,
                              halves.reconstruction, sizes.features, halves.scratch.ELEMENTS,
                              sizes.scratch);
  return error == AE_ERROR_OK ? 0 : fail_with("judge_begin", error);
}

static ae_error OWN(push)(int is_along) {
  ae_companions *along = &companions[0].all;
  switch (samples_kind) {
  case 1:
    return is_along ? FAMILY(detector_push_u8_with)(&OWN(detector), along, sample.u8, channels, &seen)
                    : FAMILY(detector_push_u8)(&OWN(detector), sample.u8, channels, &seen.decision);
  case 2:
    return is_along
               ? FAMILY(detector_push_i16_with)(&OWN(detector), along, sample.i16, channels, &seen)
               : FAMILY(detector_push_i16)(&OWN(detector), sample.i16, channels, &seen.decision);
  default:
    return is_along
               ? FAMILY(detector_push_f32_with)(&OWN(detector), along, sample.f32, channels, &seen)
               : FAMILY(detector_push_f32)(&OWN(detector), sample.f32, channels, &seen.decision);
  }
}

/* What the judge says where the sampler has a window or a frame. */
static ae_error OWN(judge_whole)(int is_along) {
  ae_companions *along = &companions[1].all;
  ae_error error;
  if (sizes.frame == 0) {
    error = ae_sampler_copy_window(&sampler, whole.window, sizes.features);
    if (error != AE_ERROR_OK) {
      return error;
    }
    return is_along ? FAMILY(judge_decide_with)(&OWN(judge), along, whole.window, sizes.features,
                                                &seen_by_judge)
                    : FAMILY(judge_decide)(&OWN(judge), whole.window, sizes.features,
                                           &seen_by_judge.decision);
  }
  error = ae_sampler_copy_frame(&sampler, whole.frame, sizes.frame);
  if (error != AE_ERROR_OK) {
    return error;
  }
  return is_along ? FAMILY(judge_take_frame_with)(&OWN(judge), along, whole.frame, sizes.frame,
                                                  &seen_by_judge)
                  : FAMILY(judge_take_frame)(&OWN(judge), whole.frame, sizes.frame,
                                             &seen_by_judge.decision);
}

static int OWN(signal)(int is_along) {
  uint32_t samples, at, verdict;
  size_t width = samples_kind == 1 ? 1 : samples_kind == 2 ? sizeof(int16_t) : sizeof(float);
  ae_error error;
  if (OWN(begin)() != 0) {
    return 1;
  }
  if (!read_u32(&samples)) {
    return fail("the file ends in a signal");
  }
  for (at = 0; at < samples; at += 1) {
    uint32_t is_whole = 0;
    if (!cases_read(sample.u8, channels * width) || !read_u32(&verdict)) {
      return fail("the file ends in a signal");
    }
    seen = nothing;
    seen_by_judge = nothing;
    /* Channels that rest are counted anew behind a save, so what is said of them may differ. */
    if (is_along && plan.constant == 0 && is_saved(at) &&
        (save_and_resume(0) != 0 || save_and_resume(1) != 0)) {
      return 1;
    }
    error = OWN(push)(is_along);
    if (error != AE_ERROR_OK) {
      return fail_with("detector_push", error);
    }
    error = push_to_sampler(&is_whole);
    if (error != AE_ERROR_OK) {
      return fail_with("sampler_push", error);
    }
    error = is_whole ? OWN(judge_whole)(is_along) : AE_ERROR_OK;
    if (error != AE_ERROR_OK) {
      return fail_with("judge", error);
    }
    if (compare_seen(verdict, is_along) != 0) {
      return 1;
    }
  }
  error = FAMILY(detector_reset)(&OWN(detector));
  if (error != AE_ERROR_OK) {
    return fail_with("detector_reset", error);
  }
  error = FAMILY(judge_reset)(&OWN(judge));
  return error == AE_ERROR_OK ? 0 : fail_with("judge_reset", error);
}
