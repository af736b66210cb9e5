# The store's own client library, and threads for the worker.
target_link_libraries(${target} ${scope} SQLite::SQLite3 Threads::Threads)
