/* A program of the header alone: it is compiled, and warnings are errors. */
#include "autoencoder.h"

/* Types and numbers as C and C++ see them. */
ae_error load(ae_int8_model *model, ae_sizes *sizes, const uint8_t *blob, size_t blob_len);

ae_error load(ae_int8_model *model, ae_sizes *sizes, const uint8_t *blob, size_t blob_len) {
  ae_error error = ae_sizes_of(blob, blob_len, sizes);
  if (error != AE_ERROR_OK) {
    return error;
  }
  if (sizes->contract != AE_CONTRACT_INT8) {
    return AE_ERROR_CONTRACT;
  }
  return ae_error_text(error) == NULL ? AE_ERROR_OTHER : ae_int8_load(model, blob, blob_len);
}
