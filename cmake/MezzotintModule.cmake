# mezzotint_module(NAME [DEPENDS MODULE...] [LIBRARIES TARGET...] [TORCH_FREE])
#   Compiles mezzotint/NAME/*.cc into objects, and tests/NAME/*_test.cc into the test NAME_test, which sees NAME and the
#   modules below it only. Objects rather than archives: what registers itself in a static initialiser would be dropped
#   by the linker from an archive. TORCH_FREE keeps LibTorch's headers out of reach, and the precompiled header with them.
# mezzotint_library()
#   Links all modules into libmezzotint.so.

# One precompiled header serves every file that includes LibTorch.
add_library(mezzotint_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
target_precompile_headers(mezzotint_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.h)
target_include_directories(mezzotint_pch PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(mezzotint_pch PUBLIC LibTorch::LibTorch nlohmann_json::nlohmann_json PRIVATE mezzotint_options)

# Another serves the tests, which run for an instant: they are built fast rather than made fast.
if(MEZZOTINT_TESTS)
  add_library(mezzotint_test_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
  target_precompile_headers(mezzotint_test_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.h <gtest/gtest.h>)
  target_include_directories(mezzotint_test_pch PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(mezzotint_test_pch PRIVATE -O1)
  target_link_libraries(mezzotint_test_pch PRIVATE LibTorch::LibTorch nlohmann_json::nlohmann_json GTest::gtest
    mezzotint_options)
endif()

set_property(GLOBAL PROPERTY MEZZOTINT_MODULES "")

function(mezzotint_module NAME)
  cmake_parse_arguments(ARG "TORCH_FREE" "" "DEPENDS;LIBRARIES" ${ARGN})
  set(closure ${NAME})
  set(libraries ${ARG_LIBRARIES})
  foreach(dependency IN LISTS ARG_DEPENDS)
    get_property(below GLOBAL PROPERTY MEZZOTINT_CLOSURE_${dependency})
    get_property(below_libraries GLOBAL PROPERTY MEZZOTINT_LIBRARIES_${dependency})
    list(APPEND closure ${below})
    list(APPEND libraries ${below_libraries})
  endforeach()
  list(REMOVE_DUPLICATES closure)
  list(REMOVE_DUPLICATES libraries)
  set_property(GLOBAL PROPERTY MEZZOTINT_CLOSURE_${NAME} ${closure})
  set_property(GLOBAL PROPERTY MEZZOTINT_LIBRARIES_${NAME} ${libraries})
  set_property(GLOBAL APPEND PROPERTY MEZZOTINT_MODULES ${NAME})

  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/mezzotint/${NAME}/*.cc)
  add_library(mezzotint_${NAME} OBJECT ${sources})
  target_include_directories(mezzotint_${NAME} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(mezzotint_${NAME} PRIVATE ${libraries} mezzotint_options)
  if(NOT ARG_TORCH_FREE)
    target_precompile_headers(mezzotint_${NAME} REUSE_FROM mezzotint_pch)
    target_link_libraries(mezzotint_${NAME} PUBLIC LibTorch::LibTorch nlohmann_json::nlohmann_json)
  endif()

  file(GLOB tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${NAME}/*_test.cc)
  if(MEZZOTINT_TESTS AND tests)
    add_executable(${NAME}_test ${tests})
    target_precompile_headers(${NAME}_test REUSE_FROM mezzotint_test_pch)
    target_compile_options(${NAME}_test PRIVATE -O1)
    foreach(module IN LISTS closure)
      target_sources(${NAME}_test PRIVATE $<TARGET_OBJECTS:mezzotint_${module}>)
    endforeach()
    target_include_directories(${NAME}_test PRIVATE ${PROJECT_SOURCE_DIR})
    target_compile_definitions(${NAME}_test PRIVATE
      MEZZOTINT_TEST_DATA="${PROJECT_SOURCE_DIR}/tests" MEZZOTINT_MODELS="${PROJECT_SOURCE_DIR}/models")
    target_link_libraries(${NAME}_test PRIVATE LibTorch::LibTorch nlohmann_json::nlohmann_json ${libraries}
      GTest::gtest_main mezzotint_options)
    add_test(NAME ${NAME} COMMAND ${NAME}_test --gtest_brief=1)
    # Threads that spin while they wait take the time of whatever else runs on the machine.
    set_tests_properties(${NAME} PROPERTIES ENVIRONMENT GOMP_SPINCOUNT=0)
  endif()
endfunction()

function(mezzotint_library)
  get_property(modules GLOBAL PROPERTY MEZZOTINT_MODULES)
  add_library(mezzotint SHARED)
  add_library(mezzotint::mezzotint ALIAS mezzotint)
  foreach(module IN LISTS modules)
    get_property(module_libraries GLOBAL PROPERTY MEZZOTINT_LIBRARIES_${module})
    target_sources(mezzotint PRIVATE $<TARGET_OBJECTS:mezzotint_${module}>)
    target_link_libraries(mezzotint PRIVATE ${module_libraries})
  endforeach()
  target_include_directories(mezzotint PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include>)
  target_compile_features(mezzotint PUBLIC cxx_std_20)
  target_link_libraries(mezzotint PUBLIC LibTorch::LibTorch nlohmann_json::nlohmann_json PRIVATE mezzotint_options)
  set_target_properties(mezzotint PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0)
endfunction()
