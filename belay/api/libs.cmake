# Beast's HTTP parser and Boost.JSON's event parser: headers only, each in one .cpp.
find_package(Boost 1.81 REQUIRED)
target_link_libraries(${target} PRIVATE Boost::headers)
