# The library for the core that the compiler builds for, as the target autoencoder::autoencoder.
#
# The compiler itself tells the core: its macros, with the flags in CMAKE_C_FLAGS. Flags that a project adds
# elsewhere are not seen; AUTOENCODER_TARGET then names the library.
set(AUTOENCODER_TARGET "" CACHE STRING "The library, by its folder in lib; empty to ask the compiler")

get_filename_component(_autoencoder_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

function(_autoencoder_ask_compiler prefix result)
  set(${result} "" PARENT_SCOPE)
  set(language C)
  if(NOT CMAKE_C_COMPILER)
    set(language CXX)
  endif()
  separate_arguments(flags UNIX_COMMAND "${CMAKE_${language}_FLAGS}")
  execute_process(
    COMMAND "${CMAKE_${language}_COMPILER}" ${CMAKE_${language}_COMPILER_ARG1} ${flags}
            -ffreestanding -dM -E "${prefix}/include/autoencoder.h"
    OUTPUT_VARIABLE macros ERROR_QUIET RESULT_VARIABLE failed)
  if(failed)
    return()
  endif()
  foreach(name __ARM_ARCH_6M__ __ARM_ARCH_8M_BASE__ __ARM_ARCH_7M__ __ARM_ARCH_7EM__ __ARM_ARCH_8M_MAIN__
               __ARM_ARCH_8_1M_MAIN__ __ARM_PCS_VFP __ARM_FEATURE_DSP __ARM_FEATURE_MVE __riscv_mul
               __riscv_compressed __riscv_atomic __riscv_float_abi_soft __riscv_e __x86_64__ __aarch64__
               __ILP32__ __ELF__)
    string(FIND "${macros}" "#define ${name} " at)
    if(at EQUAL -1)
      set(${name} OFF)
    else()
      set(${name} ON)
    endif()
  endforeach()
  set(library "")
  if(__ARM_ARCH_8M_MAIN__ OR __ARM_ARCH_8_1M_MAIN__)
    if(__ARM_PCS_VFP AND __ARM_FEATURE_MVE)
      set(library thumbv8m.main-none-eabihf-mve)
    elseif(__ARM_PCS_VFP AND __ARM_FEATURE_DSP)
      set(library thumbv8m.main-none-eabihf)
    elseif(NOT __ARM_PCS_VFP AND __ARM_FEATURE_DSP)
      # Armv8-M with DSP instructions runs all of Armv7E-M.
      set(library thumbv7em-none-eabi)
    elseif(NOT __ARM_PCS_VFP)
      set(library thumbv8m.main-none-eabi)
    endif()
  elseif(__ARM_ARCH_7EM__ AND __ARM_PCS_VFP)
    set(library thumbv7em-none-eabihf)
  elseif(__ARM_ARCH_7EM__)
    set(library thumbv7em-none-eabi)
  elseif(__ARM_ARCH_7M__)
    set(library thumbv7m-none-eabi)
  elseif(__ARM_ARCH_6M__ OR __ARM_ARCH_8M_BASE__)
    set(library thumbv6m-none-eabi)
  elseif(macros MATCHES "#define __riscv_xlen 32" AND __riscv_mul AND __riscv_compressed
         AND __riscv_float_abi_soft AND NOT __riscv_e)
    if(__riscv_atomic)
      set(library riscv32imac-unknown-none-elf)
    else()
      set(library riscv32imc-unknown-none-elf)
    endif()
  elseif(__x86_64__ AND __ELF__ AND NOT __ILP32__)
    set(library x86_64-unknown-linux-gnu)
  elseif(__aarch64__ AND __ELF__ AND NOT __ILP32__)
    set(library aarch64-unknown-linux-musl)
  endif()
  set(${result} "${library}" PARENT_SCOPE)
endfunction()

set(_autoencoder_library "${AUTOENCODER_TARGET}")
if(NOT _autoencoder_library)
  _autoencoder_ask_compiler("${_autoencoder_prefix}" _autoencoder_library)
endif()
set(_autoencoder_file "${_autoencoder_prefix}/lib/${_autoencoder_library}/libautoencoder.a")
if(NOT _autoencoder_library OR NOT EXISTS "${_autoencoder_file}")
  file(GLOB _autoencoder_known RELATIVE "${_autoencoder_prefix}/lib" "${_autoencoder_prefix}/lib/*/libautoencoder.a")
  string(REPLACE "/libautoencoder.a" "" _autoencoder_known "${_autoencoder_known}")
  string(REPLACE ";" ", " _autoencoder_known "${_autoencoder_known}")
  set(autoencoder_FOUND FALSE)
  set(autoencoder_NOT_FOUND_MESSAGE
    "there is no library for what the compiler builds for (found: \"${_autoencoder_library}\"); there are ${_autoencoder_known}. Put the flags for the core into CMAKE_C_FLAGS, or name one with AUTOENCODER_TARGET")
  return()
endif()

if(NOT TARGET autoencoder::autoencoder)
  add_library(autoencoder::autoencoder STATIC IMPORTED)
  set_target_properties(autoencoder::autoencoder PROPERTIES
    IMPORTED_LOCATION "${_autoencoder_file}"
    INTERFACE_INCLUDE_DIRECTORIES "${_autoencoder_prefix}/include")
endif()
set(autoencoder_LIBRARY_NAME "${_autoencoder_library}")
