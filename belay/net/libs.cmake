# Boost.Asio from the headers, with its implementation compiled once in asio_impl.cpp.
find_package(Boost 1.81 REQUIRED)
target_link_libraries(${target} PRIVATE Boost::headers Threads::Threads)
target_compile_definitions(${target} PRIVATE BOOST_ASIO_SEPARATE_COMPILATION
                           BOOST_ASIO_NO_DEPRECATED)
