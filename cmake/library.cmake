# belay_library(<folder> [DEPENDS <folder>...] [ROOMS <folder>...] [TEST_LINK <target>...])
#
# ROOMS are folders within it that belong to the same library and namespace.
# Makes the static library of belay/<folder> from every x.cpp in it, and one doctest program from
# every x_test.cpp beside them. tws/wire becomes target belay_tws_wire. A folder without sources
# is an INTERFACE library.
function(belay_library folder)
  cmake_parse_arguments(ARG "" "" "DEPENDS;ROOMS;TEST_LINK" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  set(target belay_${name})
  set(rooms . ${ARG_ROOMS})
  list(TRANSFORM rooms PREPEND ${PROJECT_SOURCE_DIR}/belay/${folder}/)
  list(TRANSFORM rooms APPEND /*.hpp OUTPUT_VARIABLE headers)
  list(TRANSFORM rooms APPEND /*.cpp OUTPUT_VARIABLE sources)
  file(GLOB headers CONFIGURE_DEPENDS ${headers})
  file(GLOB sources CONFIGURE_DEPENDS ${sources})
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE belay_settings)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(belay::${name} ALIAS ${target})
  # A header with a .cpp of its own is compiled there, first of all (tools/tidy.py sees to it); the
  # target all_verify_interface_header_sets compiles the others.
  foreach(source IN LISTS sources)
    string(REGEX REPLACE "\\.cpp$" ".hpp" own ${source})
    list(REMOVE_ITEM headers ${own})
  endforeach()
  target_sources(${target} ${scope}
    FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
  target_link_libraries(${target} ${scope} fmt::fmt)
  foreach(dependency IN LISTS ARG_DEPENDS)
    string(REPLACE "/" "_" dependency ${dependency})
    target_link_libraries(${target} ${scope} belay_${dependency})
  endforeach()
  if(EXISTS ${PROJECT_SOURCE_DIR}/belay/${folder}/libs.cmake)
    include(${PROJECT_SOURCE_DIR}/belay/${folder}/libs.cmake)  # third-party libraries of the folder
  endif()
  if(tests AND BUILD_TESTING)
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE ${target} ${ARG_TEST_LINK} belay_settings
      unit_main)
    target_compile_options(${target}_test PRIVATE ${BELAY_TEST_OPTIONS} -O0)
    add_test(NAME unit.${name} COMMAND ${target}_test
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})  # some read its files
    set(labels unit)
    if(name MATCHES "^(history|journal|net)$")
      list(APPEND labels threads)  # what thread sanitizer is for
    endif()
    set_tests_properties(unit.${name} PROPERTIES LABELS "${labels}")
  endif()
endfunction()
