# Finds libwebp with its demuxer and its muxer, and defines WebP::WebP (Debian: libwebp-dev).

find_path(WebP_INCLUDE_DIR NAMES webp/decode.h)
find_library(WebP_LIBRARY NAMES webp)
find_library(WebP_demux_LIBRARY NAMES webpdemux)
find_library(WebP_mux_LIBRARY NAMES webpmux)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(WebP
  REQUIRED_VARS WebP_LIBRARY WebP_demux_LIBRARY WebP_mux_LIBRARY WebP_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install libwebp-dev")

if(WebP_FOUND AND NOT TARGET WebP::WebP)
  add_library(WebP::demux UNKNOWN IMPORTED)
  set_target_properties(WebP::demux PROPERTIES IMPORTED_LOCATION "${WebP_demux_LIBRARY}")
  add_library(WebP::mux UNKNOWN IMPORTED)
  set_target_properties(WebP::mux PROPERTIES IMPORTED_LOCATION "${WebP_mux_LIBRARY}")
  add_library(WebP::WebP UNKNOWN IMPORTED)
  set_target_properties(WebP::WebP PROPERTIES
    IMPORTED_LOCATION "${WebP_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${WebP_INCLUDE_DIR}")
  target_link_libraries(WebP::WebP INTERFACE WebP::mux WebP::demux)
endif()
mark_as_advanced(WebP_INCLUDE_DIR WebP_LIBRARY WebP_demux_LIBRARY WebP_mux_LIBRARY)
