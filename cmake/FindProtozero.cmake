# Finds protozero, which is headers only, and defines Protozero::Protozero (Debian: libprotozero-dev).

find_path(Protozero_INCLUDE_DIR NAMES protozero/pbf_writer.hpp)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Protozero
  REQUIRED_VARS Protozero_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install libprotozero-dev")

if(Protozero_FOUND AND NOT TARGET Protozero::Protozero)
  add_library(Protozero::Protozero INTERFACE IMPORTED)
  set_target_properties(Protozero::Protozero PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${Protozero_INCLUDE_DIR}")
endif()
mark_as_advanced(Protozero_INCLUDE_DIR)
