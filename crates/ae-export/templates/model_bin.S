/* The model from its file, in place of @model@.c: it compiles in a moment whatever its size. */
  .section .@model@_blob, "a"
  .global @model@_blob
  .balign 16
@model@_blob:
  .incbin "@model@.bin"
#if defined(__linux__)
  .section .note.GNU-stack, ""
#endif
