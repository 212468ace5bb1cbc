# `cmake --install`: the library, its headers, the command, the starter models and a CMake package.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The library finds LibTorch where it was built with it; the command finds the library beside it.
set_target_properties(mezzotint PROPERTIES INSTALL_RPATH "${LibTorch_ROOT}/lib")
set_target_properties(mezzotint-cli PROPERTIES
  INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${LibTorch_ROOT}/lib")

install(TARGETS mezzotint EXPORT mezzotintTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS mezzotint-cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/mezzotint DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/ OPTIONAL DESTINATION ${CMAKE_INSTALL_DATADIR}/mezzotint/models)
install(EXPORT mezzotintTargets NAMESPACE mezzotint:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mezzotint)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/mezzotintConfig.cmake.in
  ${PROJECT_BINARY_DIR}/mezzotintConfig.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mezzotint)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mezzotintConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mezzotintConfig.cmake ${PROJECT_BINARY_DIR}/mezzotintConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindLibTorch.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mezzotint)
