# The store's own client library, and threads for the commit thread.
target_link_libraries(${target} ${scope} SQLite::SQLite3 Threads::Threads)
