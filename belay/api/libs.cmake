# Beast's HTTP parser (headers only, one .cpp) and RapidJSON's reader (headers only, one .cpp).
find_package(Boost 1.81 REQUIRED)
target_link_libraries(${target} PRIVATE Boost::headers)
