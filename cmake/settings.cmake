# Compiler settings shared by every target of ours; third-party code never links belay_settings.
option(BELAY_WERROR "Treat warnings as errors" ON)
option(BELAY_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(BELAY_DEFECTS "Compile the planted defects in (tests only, never for a release)" OFF)
set(BELAY_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(BELAY_CCACHE ccache)
if(BELAY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${BELAY_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${BELAY_CCACHE})
endif()

# A header costs more to read than most files that include it: all trees but dev compile twelve files
# of a target as one, which takes less than half of the time. So a name in an anonymous namespace is
# unique within its target. __FILE__ does not hold this folder's own path: a cached object fits
# another checkout.
option(BELAY_UNITY "Compile the files of a target together" ON)
set(CMAKE_UNITY_BUILD ${BELAY_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)

add_library(belay_settings INTERFACE)
target_compile_options(belay_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wswitch-enum
  -Wnon-virtual-dtor -Wold-style-cast -Wextra-semi -fstack-protector-strong)
if(BELAY_WERROR)
  target_compile_options(belay_settings INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports impossible overflows and dangling uses inside its own std::string at -O2.
  target_compile_options(belay_settings INTERFACE
    -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized)
endif()
target_compile_definitions(belay_settings INTERFACE _GLIBCXX_ASSERTIONS)
if(BELAY_SANITIZE)
  # Applied to everything, so that third-party code compiled here is instrumented too.
  add_compile_options(-fsanitize=${BELAY_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BELAY_SANITIZE})
  if(BELAY_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
# What only tests compile is watched for wrong memory, and not for undefined arithmetic: that takes
# much of the time of a build, and looks for bugs of the product.
set(BELAY_TEST_OPTIONS "")
if(BELAY_SANITIZE MATCHES undefined)
  list(APPEND BELAY_TEST_OPTIONS -fno-sanitize=undefined)
endif()
if(BELAY_DEFECTS)
  target_compile_definitions(belay_settings INTERFACE BELAY_DEFECTS=1)
endif()
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(doctest REQUIRED)
find_package(SQLite3 REQUIRED)

# The main function of the unit tests: one object for all of their programs.
add_library(unit_main OBJECT EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/tests/unit_main.cpp)
target_link_libraries(unit_main PUBLIC doctest::doctest PRIVATE belay_settings)
target_compile_options(unit_main PRIVATE ${BELAY_TEST_OPTIONS} -O0)
