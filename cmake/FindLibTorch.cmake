# Finds the C++ part of LibTorch (the CPU or CUDA wheel of PyTorch) and defines LibTorch::LibTorch.
#
# Looked at in this order: MEZZOTINT_TORCH (a variable or an environment variable: the folder that holds include/ and
# lib/), then what scripts/setup left in <source>/.deps/libtorch, then `import torch` of the python3 on PATH.
# The wheel's own TorchConfig.cmake is not used: it adds -D flags and a CUDA toolkit check that we have no use for.

set(_torch_hints "")
if(MEZZOTINT_TORCH)
  list(APPEND _torch_hints "${MEZZOTINT_TORCH}")
elseif(NOT "$ENV{MEZZOTINT_TORCH}" STREQUAL "")
  list(APPEND _torch_hints "$ENV{MEZZOTINT_TORCH}")
else()
  list(APPEND _torch_hints "${CMAKE_CURRENT_LIST_DIR}/../.deps/libtorch")
endif()

# A LibTorch that went since the last configuration is looked for again.
foreach(_kept LibTorch_INCLUDE_DIR LibTorch_c10_LIBRARY LibTorch_torch_cpu_LIBRARY)
  if(${_kept} AND NOT EXISTS "${${_kept}}")
    unset(${_kept} CACHE)
  endif()
endforeach()

find_path(LibTorch_INCLUDE_DIR NAMES ATen/core/Tensor.h HINTS ${_torch_hints} PATH_SUFFIXES include
  NO_DEFAULT_PATH)
if(NOT LibTorch_INCLUDE_DIR)
  find_program(_torch_python NAMES python3)
  if(_torch_python)
    execute_process(
      COMMAND "${_torch_python}" -c "import os, torch; print(os.path.dirname(torch.__file__))"
      OUTPUT_VARIABLE _torch_dir OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    find_path(LibTorch_INCLUDE_DIR NAMES ATen/core/Tensor.h HINTS "${_torch_dir}" PATH_SUFFIXES include
      NO_DEFAULT_PATH)
  endif()
endif()

if(LibTorch_INCLUDE_DIR)
  get_filename_component(LibTorch_ROOT "${LibTorch_INCLUDE_DIR}/.." ABSOLUTE)
  file(STRINGS "${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h" _torch_version_lines
    REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX REPLACE "[^0-9;]" "" _torch_version_parts "${_torch_version_lines}")
  string(REPLACE ";" "." LibTorch_VERSION "${_torch_version_parts}")
endif()
foreach(_lib c10 torch_cpu)
  find_library(LibTorch_${_lib}_LIBRARY NAMES ${_lib} HINTS "${LibTorch_ROOT}/lib" NO_DEFAULT_PATH)
endforeach()
find_library(LibTorch_torch_cuda_LIBRARY NAMES torch_cuda HINTS "${LibTorch_ROOT}/lib" NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "run scripts/setup, or set MEZZOTINT_TORCH to the folder of an installed PyTorch 2.13")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  foreach(_lib c10 torch_cpu)
    add_library(LibTorch::${_lib} SHARED IMPORTED)
    set_target_properties(LibTorch::${_lib} PROPERTIES IMPORTED_LOCATION "${LibTorch_${_lib}_LIBRARY}")
  endforeach()
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_INCLUDE_DIR}" "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  # One header an operator: ATen/Functions.h alone costs eight seconds a file.
  target_compile_definitions(LibTorch::LibTorch INTERFACE AT_PER_OPERATOR_HEADERS)
  target_link_libraries(LibTorch::LibTorch INTERFACE LibTorch::torch_cpu LibTorch::c10)
  # at::parallel_for is a template, and serial where OpenMP is off. The threads are those of LibTorch's own libgomp.
  target_compile_options(LibTorch::LibTorch INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fopenmp>)
  file(GLOB _gomp "${LibTorch_ROOT}/lib/libgomp*.so*")
  if(_gomp)
    list(GET _gomp 0 _gomp)
    target_link_libraries(LibTorch::LibTorch INTERFACE "${_gomp}")
  else()
    target_link_options(LibTorch::LibTorch INTERFACE -fopenmp)
  endif()
  if(LibTorch_torch_cuda_LIBRARY)
    # Loaded for its registrations only, so the linker must not drop it.
    target_link_libraries(LibTorch::LibTorch INTERFACE
      "-Wl,--no-as-needed,${LibTorch_torch_cuda_LIBRARY},--as-needed")
  endif()
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_c10_LIBRARY LibTorch_torch_cpu_LIBRARY LibTorch_torch_cuda_LIBRARY)
