# The store's own client library, and threads for the commit thread.
target_link_libraries(${target} PUBLIC SQLite::SQLite3 Threads::Threads)
