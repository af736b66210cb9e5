# Scenario files are TOML; toml++ is used from its headers, inside scenario.cpp only.
if(TARGET belay_simtws AND EXISTS ${PROJECT_SOURCE_DIR}/belay/simtws/scenario.cpp)
  set_source_files_properties(${PROJECT_SOURCE_DIR}/belay/simtws/scenario.cpp PROPERTIES
    COMPILE_DEFINITIONS "TOML_HEADER_ONLY=1;TOML_EXCEPTIONS=0")
endif()
